export { ACCESS, mayCall, permissionsOf } from './access.ts';
export * from './contract.ts';
export { problemOf } from './errors.ts';
export * from './invocations/index.ts';
export { Metrics, type MetricsJson } from './metrics.ts';
export { openApiDocument } from './openapi.ts';
export type { ApiDependencies, ApiLog, PipelinePort, ReadinessCheck } from './ports.ts';
export { buildApi } from './server.ts';
export { type Credential, resetPassword, seedUsers } from './session/seed-users.ts';
