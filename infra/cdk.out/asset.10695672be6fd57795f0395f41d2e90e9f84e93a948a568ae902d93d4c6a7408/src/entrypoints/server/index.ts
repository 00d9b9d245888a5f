export { type CheckpointSchedule, type RunningCheckpoints, startCheckpoints } from './audit-checkpoints.ts';
export { uuidV7 } from './new-id.ts';
export { type OnlineFeatureSource, openOnlineFeatures } from './online-features.ts';
export { type OpenDecisions, openDecisions } from './open-decisions.ts';
export { pipelineCalls, primaryPipeline } from './primary-pipeline.ts';
export { registryModels } from './registry-models.ts';
export { serveAsWorker } from './serve-as-worker.ts';
export { type RunningServer, type ServerParts, startServer } from './start-server.ts';
export { startWorkerPool, type WorkerPool } from './worker-pool.ts';
