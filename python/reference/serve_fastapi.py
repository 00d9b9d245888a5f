"""The peer of `bench/http.ts`: FastAPI with pydantic's validation and XGBoost, one process, as its documentation has it.

Arguments: the model (JSON), a JSON file with `names` and `types` of its features, the port.
POST /pd and POST /reasons take one flat JSON object; /reasons answers with the four largest exact SHAP contributions.
"""

import json
import sys
from typing import Optional

import numpy as np
import uvicorn
import xgboost
from fastapi import FastAPI
from pydantic import ConfigDict, create_model

model_path, columns_path, port = sys.argv[1:4]
with open(columns_path, encoding="utf-8") as file:
    columns = json.load(file)
names, types = columns["names"], columns["types"]
booster = xgboost.Booster(params={"nthread": 1}, model_file=model_path)
Applicant = create_model(
    "Applicant", __config__=ConfigDict(extra="forbid"), **{name: (Optional[float], None) for name in names}
)
app = FastAPI()


def matrix(applicant) -> xgboost.DMatrix:
    values = [getattr(applicant, name) for name in names]
    row = np.array([[np.nan if value is None else value for value in values]], dtype=np.float32)
    return xgboost.DMatrix(row, feature_names=names, feature_types=types, nthread=1)


@app.post("/pd")
def pd(applicant: Applicant):
    return {"pd": float(booster.predict(matrix(applicant))[0])}


@app.post("/reasons")
def reasons(applicant: Applicant):
    contributions = booster.predict(matrix(applicant), pred_contribs=True)[0]
    margin = float(contributions.sum())
    top = np.argsort(-contributions[:-1])[:4]
    return {
        "pd": float(1 / (1 + np.exp(-margin))),
        "reasons": [{"feature": names[i], "attribution": float(contributions[i])} for i in top if contributions[i] > 0],
    }


uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
