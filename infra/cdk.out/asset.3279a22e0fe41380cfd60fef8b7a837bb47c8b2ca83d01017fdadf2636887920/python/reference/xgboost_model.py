"""Opens Assay's model as SageMaker's built-in XGBoost does (`xgboost-model`, UBJSON without an extension), predicts margins, and
trains one of its own in that form."""

import json
import sys

import numpy as np
import xgboost as xgb

with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
rows, columns = request["rows"], request["columns"]
values = np.fromfile(request["matrix"], dtype=np.float32).reshape(rows, columns)
labels = np.fromfile(request["labels"], dtype=np.float32)
types = request["featureTypes"]
named = xgb.DMatrix(values, feature_names=request["featureNames"], feature_types=types, enable_categorical=True)
booster = xgb.Booster()
booster.load_model(request["ours"])
booster.predict(named, output_margin=True).tofile(request["ourMargins"])
resaved = bytes(booster.save_raw("ubj"))
with open(request["ours"], "rb") as file:
    same_bytes = file.read() == resaved

plain = xgb.DMatrix(values, label=labels)
parameters = {"objective": "binary:logistic", "max_depth": 5, "seed": 1, "nthread": 1}
built_in = xgb.train(parameters, plain, num_boost_round=40)
with open(request["theirs"], "wb") as file:
    file.write(built_in.save_raw("ubj"))
built_in.predict(plain, output_margin=True).tofile(request["theirMargins"])
print(json.dumps({"version": xgb.__version__, "sameBytes": same_bytes}))
