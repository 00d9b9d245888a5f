export { runSparkJob, runSparkScript, type SparkOptions, type SparkScript } from './run-spark.ts';
