export {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportOptions,
  exportModel,
  type SparkScorePlan,
  sparkFiles,
} from './export/index.ts';
export { MAX_REASONS, type Reason, type Score } from './score.ts';
export { FEATURES_KEY, SCORES_KEY, type ScoreBookOptions, type ScoredApplication, scoreBook } from './score-book.ts';
export { createScorer, type FrameScoreOptions, type FrameScores, type ScoreOptions, type Scorer } from './scorer.ts';
export { attributionsByCode, type ReasonWitness, type StatedReason, verifyReasons } from './verify-reasons.ts';
