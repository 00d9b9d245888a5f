export { PIPELINE_ACTOR } from './champion-record.ts';
export * from './model-approvals.ts';
export { ModelEvidence } from './model-evidence.ts';
export { lakeModelFiles, localModelFiles, type ModelFileStore } from './model-files.ts';
export * from './model-registry.ts';
