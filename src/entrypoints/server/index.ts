export { type CheckpointSchedule, type RunningCheckpoints, startCheckpoints } from './audit-checkpoints.ts';
export { type LakeFeatureSource, openLakeFeatures } from './lake-features.ts';
export { uuidV7 } from './new-id.ts';
export { registryModels } from './registry-models.ts';
export { type RunningServer, type ServerParts, startServer } from './start-server.ts';
