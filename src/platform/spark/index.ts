export { runSparkJob, type SparkJob, type SparkOptions } from './run-spark.ts';
