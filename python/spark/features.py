"""The feature catalog on Spark, on Glue as on this machine: Parquet to views, the SQL of the job, Parquet. No feature logic of its own."""

import json
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.appName("assay-features").getOrCreate()
job = json.loads(spark.read.text(sys.argv[sys.argv.index("--job_uri") + 1], wholetext=True).first()[0])
for name, value in job["settings"].items():
    spark.conf.set(name, value)
for table in job["tables"]:
    rows = spark.read.parquet(*table["files"]) if table["files"] else spark.createDataFrame([], table["schema"])
    rows.createOrReplaceTempView(table["name"])
for group in job["groups"]:
    spark.sql(group["sql"]).createOrReplaceTempView(group["relation"])
spark.sql(job["join"]).write.mode("overwrite").parquet(job["output"])
