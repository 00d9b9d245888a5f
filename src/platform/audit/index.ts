export {
  type AuditEntry,
  type AuditFilter,
  type AuditKind,
  type AuditRow,
  enterAudit,
  LOG_REGISTER,
  listAudit,
} from './audit-log.ts';
export { type Checkpoint, type CheckpointBody, type CheckpointTree, readCheckpoint } from './checkpoint.ts';
export {
  type AuditFiles,
  auditFiles,
  type CheckpointFile,
  readCheckpointFile,
  readLeaves,
} from './checkpoint-files.ts';
export { type CheckpointStore, openCheckpointStore, s3CheckpointStore } from './checkpoint-store.ts';
export { followStore } from './follow-store.ts';
export { type CheckpointOptions, makeCheckpoint } from './make-checkpoint.ts';
export * from './merkle.ts';
export { type InclusionProof, proveRecord } from './prove.ts';
export { type AuditRegister, GENESIS_HASH, type RegisterColumn, recordHash } from './register.ts';
export type { AuditFinding, FindingKind } from './scan.ts';
export { type RegisterReport, type VerifyOptions, type VerifyReport, verifyAudit } from './verify.ts';
