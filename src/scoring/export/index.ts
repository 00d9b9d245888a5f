export { EXPORT_FORMATS, type ExportFormat, type ExportOptions, exportModel } from './export-model.ts';
export { type SparkScorePlan, sparkFiles } from './spark-files.ts';
