export {
  assessFraud,
  type FraudAssessment,
  type FraudFacts,
  type FraudSignal,
  HIGH_SCORE,
  LOOK_SCORE,
} from './assess.ts';
export {
  type AnomalyFrame,
  anomalyScores,
  fitIsolationForest,
  type IsolationForest,
  type IsolationOptions,
  mulberry32,
} from './isolation-forest.ts';
export { type FraudApplication, keysOf, type LinkCounts, LinkIndex, type LinkKey } from './links.ts';
export { type BookScan, type ScannedApplication, scanBook } from './scan-book.ts';
export { fitUsualIncome, incomeAboveUsual, type UsualIncome } from './usual-income.ts';
