export {
  assessFraud,
  assessSeen,
  type FraudAssessment,
  type FraudFacts,
  type FraudSeen,
  type FraudSignal,
  HIGH_SCORE,
  LOOK_SCORE,
} from './assess.ts';
export { fillFraudLinks } from './fill-links.ts';
export type { FraudCase, FraudLabel, FraudVerdict } from './fraud-case.ts';
export { FRAUD_LEASE_MINUTES, FraudCaseStore, type FraudCaseStoreOptions } from './fraud-case-store.ts';
export {
  type AnomalyFrame,
  anomalyScores,
  fitIsolationForest,
  type IsolationForest,
  type IsolationOptions,
  mulberry32,
} from './isolation-forest.ts';
export {
  type FraudCheck,
  FraudLinkStore,
  type FraudLinkStoreOptions,
  insertLinks,
  linkArrays,
  linkInsertSql,
  readFraudDefinition,
  type StoredLink,
} from './link-store.ts';
export { type FraudApplication, keysOf, type LinkCounts, LinkIndex, type LinkKey } from './links.ts';
export { type FraudContext, readFraudBook } from './read-book.ts';
export { type BookApplication, type BookScan, inOrderOfTime, type ScannedApplication, scanBook } from './scan-book.ts';
export { fitUsualIncome, incomeAboveUsual, type UsualIncome } from './usual-income.ts';
