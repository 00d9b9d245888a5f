export { admitSocialNetwork, dayOf, isSocialNetworkAdmitted, socialColumnsOf } from './admit-social-network.ts';
export {
  type BorrowerFeatures,
  type BorrowerFeaturesRequest,
  MAX_INSTANTS,
  openBorrowerFeatures,
} from './borrower-features.ts';
export {
  type BuildOptions,
  type BuildProgress,
  buildFeatures,
  FEATURES_KEY,
  FEATURES_MANIFEST_KEY,
  type FeatureContext,
  type FeaturesManifest,
  type ManifestFeature,
} from './build-features.ts';
export { type CheckedCatalog, type CheckedFeature, catalogHash, checkCatalog, featureHashes } from './check-catalog.ts';
export {
  type DecisionMismatch,
  type DecisionParityReport,
  decisionParity,
  type LoggedDecision,
} from './decision-parity.ts';
export { describeCatalog, type FeatureDescription } from './describe-catalog.ts';
export type { FactDifference } from './fact-differences.ts';
export { type FeatureFrame, readFeatureFrame } from './feature-frame.ts';
export { featureParity, type ParityMismatch, type ParityReport } from './feature-parity.ts';
export { type FeatureScriptOptions, featureScript, narrowCatalog, unknownFeature } from './feature-script.ts';
export { type FillOptions, fillOnlineStore } from './fill-online-store.ts';
export { openLakeFacts } from './lake-facts.ts';
export * from './library/index.ts';
export { assertNoFutureFacts, type NoFutureReport } from './no-future-facts.ts';
export type { EventColumn, EventColumns, OnlineRow } from './online/columns.ts';
export { decisionTime } from './online/decision-time.ts';
export { compileOnline, evaluateOnline, type OnlineEvaluator, type OnlineInput } from './online/evaluate-online.ts';
export type { LookupSource } from './online/lookups.ts';
export { compileStoredHistory, hasBorrower, type StoredHistory } from './online/stored-history.ts';
export { horizonOf, type PackOptions, packProcessed } from './pack-processed.ts';
export { createProcessedViews, processedFiles, tablesOf } from './processed-views.ts';
export { liftRefusals, type ProvenInputs, provenInputs, refuseWithoutLift } from './promotion-gate.ts';
export { compileRevision, type Revision, type RevisionOf } from './revise-features.ts';
export {
  buildSnapshot,
  foldOf,
  readSnapshot,
  SNAPSHOT_KEY,
  SNAPSHOT_MANIFEST_KEY,
  type Snapshot,
  type SnapshotManifest,
} from './snapshot.ts';
export {
  assertSocialNetworkAdmitted,
  isConsentLive,
  MAX_CONSENT_DAYS,
  REVOCATION_HOURS,
  type SocialConsent,
  socialNetworkRefusals,
  withConsent,
} from './social-network-gate.ts';
export { PROFILE_ATTRIBUTES, type ProfileAttribute, socialColumns } from './social-profile.ts';
export { publishSparkFeatures, SPARK_SETTINGS, type SparkJob, sparkJobOf } from './spark-job.ts';
export { compareSparkOutput, type SparkParity, sparkParity } from './spark-parity.ts';
export {
  type CompiledCatalog,
  type CompiledGroup,
  type CompileOptions,
  compileDuckdb,
  compileSpark,
  compileSql,
} from './sql/compile-sql.ts';
export { duckdbDialect, type SqlDialect, sparkDialect } from './sql/dialect.ts';
