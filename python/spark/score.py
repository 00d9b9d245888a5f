"""Scores a feature table on Spark, on Glue as on this machine, with what `assay models export --format spark` wrote. No model logic of its own.

    score.py --artifact FOLDER --features PARQUET --output FOLDER

Glue: --additional-python-modules xgboost-cpu==3.0.5 for tree models.
"""

import hashlib
import json
import sys

from pyspark.sql import SparkSession


def argument(name):
    return sys.argv[sys.argv.index(name) + 1]


def read(name):
    return spark.read.text(f"{argument('--artifact')}/{name}", wholetext=True).first()[0]


def margins_with(model, trees, keys):
    def margins(frames):
        import numpy as np
        import pandas as pd
        import xgboost as xgb

        booster = xgb.Booster({"nthread": 1})
        booster.load_model(bytearray(model, "utf-8"))

        def encoded(values, column):
            if column["kind"] == "numeric":
                return values.to_numpy(dtype="float32", na_value=np.nan)
            codes = pd.Categorical(values.astype("object"), categories=column["levels"]).codes.astype("float32")
            return np.where(codes < 0, np.float32("nan"), codes)

        for frame in frames:
            cells = np.column_stack([encoded(frame[column["name"]], column) for column in trees["inputs"]])
            names = [column["name"] for column in trees["inputs"]]
            types = ["c" if column["kind"] == "categorical" else "q" for column in trees["inputs"]]
            matrix = xgb.DMatrix(cells, feature_names=names, feature_types=types, enable_categorical=True, nthread=1)
            yield frame[keys].assign(margin=booster.predict(matrix, output_margin=True).astype("float64"))

    return margins


spark = SparkSession.builder.appName("assay-score").getOrCreate()
plan = json.loads(read("plan.json"))
for name, value in plan["settings"].items():
    spark.conf.set(name, value)
rows = spark.read.parquet(argument("--features"))
if plan["trees"]:
    model, trees, keys = read(plan["trees"]["file"]), plan["trees"], plan["keys"]
    if hashlib.sha256(model.encode()).hexdigest() != trees["sha256"]:
        sys.exit(f"{trees['file']} is not the file of {plan['modelVersion']}: export it again")
    columns = rows.select(*keys, *[column["name"] for column in trees["inputs"]])
    schema = rows.select(*keys).schema.add("margin", "double")
    rows = columns.mapInPandas(margins_with(model, trees, keys), schema)
rows.createOrReplaceTempView("features")
spark.sql(plan["sql"]).write.mode("overwrite").parquet(argument("--output"))
