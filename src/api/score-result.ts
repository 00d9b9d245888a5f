import type { ScoredApplication } from '../decisions/index.ts';
import type { ScoreResult } from './contract.ts';

/** What scoring answers, over HTTP and from a file. An application without an id of its own has none. */
export function scoreResult({ application, result, model, asOf, missing, fraud }: ScoredApplication): ScoreResult {
  const { pd, score, grade, reasons, outcome } = result;
  return {
    applicationId: application.applicationId === '' ? null : application.applicationId,
    borrowerId: application.borrowerId,
    pd,
    score,
    grade,
    reasons: [...reasons],
    modelVersion: model.manifest.modelVersion,
    asOf: asOf.toISOString(),
    indicativeOutcome: outcome,
    missing: [...missing],
    fraud: fraud && { ...fraud.assessment, signals: [...fraud.assessment.signals] },
  };
}
