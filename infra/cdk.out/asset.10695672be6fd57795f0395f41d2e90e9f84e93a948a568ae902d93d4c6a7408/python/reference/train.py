"""Trains with Python's XGBoost what `bench/train.ts` and `test/parity/xgboost.test.ts` train with Assay's engine.

Reads a request (JSON, path as argument): matrix (path of row-major float32), labels (path of float32), rows, columns,
featureNames, featureTypes, parameters, rounds, model (path to write), repeats. Prints one JSON line:
{"seconds": [...], "version": ..., "margins": path or null}.
"""

import json
import sys
import time

import numpy as np
import xgboost


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    values = np.fromfile(request["matrix"], dtype="<f4").reshape(request["rows"], request["columns"])
    labels = np.fromfile(request["labels"], dtype="<f4")
    nthread = int(request["parameters"]["nthread"])
    seconds = []
    for _ in range(request.get("repeats", 1)):
        # As Assay's own time does, the clock includes the making of the native matrix.
        start = time.perf_counter()
        matrix = xgboost.DMatrix(
            values,
            label=labels,
            feature_names=request["featureNames"],
            feature_types=request["featureTypes"],
            nthread=nthread,
        )
        booster = xgboost.train(request["parameters"], matrix, request["rounds"], verbose_eval=False)
        raw = booster.save_raw("json")
        seconds.append(time.perf_counter() - start)
    with open(request["model"], "wb") as file:
        file.write(raw)
    if "margins" in request:
        booster.predict(matrix, output_margin=True).astype("<f4").tofile(request["margins"])
    if "contributions" in request:
        booster.predict(matrix, pred_contribs=True).astype("<f4").tofile(request["contributions"])
    print(json.dumps({"seconds": seconds, "version": xgboost.__version__}))


main()
