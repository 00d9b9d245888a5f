"""The feature catalog on Spark (Glue or any other): reads Parquet, registers views, runs the SQL of the job, writes Parquet. No feature logic of its own."""

import json
import sys

from pyspark.sql import SparkSession

settings = {"spark.sql.session.timeZone": "UTC", "spark.sql.timestampType": "TIMESTAMP_NTZ", "spark.sql.parquet.compression.codec": "zstd"}
builder = SparkSession.builder.appName("assay-features")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
job = json.loads(spark.read.text(sys.argv[sys.argv.index("--job_uri") + 1], wholetext=True).first()[0])
for table in job["tables"]:
    rows = spark.read.parquet(*table["files"]) if table["files"] else spark.createDataFrame([], table["schema"])
    rows.createOrReplaceTempView(table["name"])
for group in job["groups"]:
    spark.sql(group["sql"]).createOrReplaceTempView(group["relation"])
spark.sql(job["join"]).write.mode("overwrite").parquet(job["output"])
