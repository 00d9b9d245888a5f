export { EXPORT_FORMATS, type ExportFormat, type ExportOptions, exportModel } from './export-model.ts';
