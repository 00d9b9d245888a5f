"""Scores with Python's XGBoost what `bench/scoring.ts` and `bench/shap.ts` score with Assay.

Reads a request (JSON, path as argument): model, matrix (row-major float32), rows, columns, featureNames, featureTypes,
nthread, repeats, oneRow (how many single rows to time), contributions (bool). Prints one JSON line with medians in
microseconds a row: {"bulk": ..., "oneRow": ..., "version": ...}.
"""

import json
import statistics
import sys
import time

import numpy as np
import xgboost


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    values = np.fromfile(request["matrix"], dtype="<f4").reshape(request["rows"], request["columns"])
    nthread = request["nthread"]
    booster = xgboost.Booster(params={"nthread": nthread}, model_file=request["model"])
    options = {"pred_contribs": True} if request["contributions"] else {"output_margin": True}

    def matrix(rows):
        names, types = request["featureNames"], request["featureTypes"]
        return xgboost.DMatrix(rows, feature_names=names, feature_types=types, nthread=nthread)

    bulk = []
    for _ in range(request["repeats"]):
        start = time.perf_counter()
        booster.predict(matrix(values), **options)
        bulk.append((time.perf_counter() - start) / len(values) * 1e6)
    single = []
    for i in range(request["oneRow"]):
        start = time.perf_counter()
        booster.predict(matrix(values[i : i + 1]), **options)
        single.append((time.perf_counter() - start) * 1e6)
    print(json.dumps({"bulk": statistics.median(bulk), "oneRow": statistics.median(single), "version": xgboost.__version__}))


main()
