"""Assay's lake and model from Python, without Assay: pandas reads the features, stock XGBoost scores them, and the numbers are Assay's.

    python score_with_stock_xgboost.py LAKE MODEL

LAKE is the lake of a book (ASSAY_HOME/lake/<portfolio>), MODEL the folder of a boosted or forest version (ASSAY_HOME/models/<version>).
Needs pandas, pyarrow and xgboost 3.0.5 or newer.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb

lake, model = Path(sys.argv[1]), Path(sys.argv[2])
manifest = json.loads((model / "manifest.json").read_text())
features = pd.read_parquet(lake / "modeled/features/features.parquet")

# A category is the code of its level in the manifest; a level the model never saw is missing, as in Assay.
columns = {}
for column in manifest["inputs"]:
    values = features[column["name"]]
    if column["kind"] == "categorical":
        codes = pd.Index(column["levels"], dtype="object").get_indexer(values.astype("object")).astype("float32")
        values = np.where(codes < 0, np.nan, codes)
    columns[column["name"]] = np.asarray(values, dtype="float32")
matrix = xgb.DMatrix(
    np.column_stack(list(columns.values())),
    feature_names=list(columns),
    feature_types=["c" if column["kind"] == "categorical" else "q" for column in manifest["inputs"]],
    enable_categorical=True,
)
booster = xgb.Booster()
booster.load_model(model / "model.json")
margin = booster.predict(matrix, output_margin=True)


def calibrate(calibration, margin):
    """From the model's log-odds to the pd: what the manifest says, nothing hidden."""
    margin = margin.astype("float64")
    if calibration["kind"] == "platt":
        margin = calibration["intercept"] + calibration["slope"] * margin
    if calibration["kind"] == "isotonic":
        return np.interp(margin, calibration["margins"], calibration["pds"])
    return 1 / (1 + np.exp(-margin))


features["margin"] = margin
features["pd"] = calibrate(manifest["calibration"], margin)
print(json.dumps({"rows": len(features), "meanPd": float(features["pd"].mean()), "modelVersion": manifest["modelVersion"]}))
if len(sys.argv) > 3:
    features[["application_id", "margin", "pd"]].to_parquet(sys.argv[3])
