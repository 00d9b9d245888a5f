"""Runs a compiled feature catalog in local Spark: reads Parquet, registers views, writes Parquet. No feature logic of its own."""

import json
import sys

from pyspark.sql import SparkSession

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
settings = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
builder = SparkSession.builder.master("local[1]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
for table, files in job["tables"].items():
    spark.read.parquet(*files).createOrReplaceTempView(table)
for group in job["groups"]:
    spark.sql(group["sql"]).createOrReplaceTempView(group["relation"])
spark.sql(job["join"]).write.mode("overwrite").parquet(job["output"])
