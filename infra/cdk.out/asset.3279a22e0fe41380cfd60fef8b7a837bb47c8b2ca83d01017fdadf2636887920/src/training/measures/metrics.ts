import type { Metrics } from '../../domain/index.ts';
import { bootstrapIntervals } from './bootstrap.ts';
import { calibrationLine, expectedCalibrationError, logLoss } from './calibration.ts';
import { aucInterval } from './delong.ts';
import { assertBothClasses, type LabelledScores } from './labelled-scores.ts';

/**
 * Every figure of `Metrics` for pds (0..1) and their outcomes. Intervals are 95 %: DeLong for AUC and Gini, stratified
 * bootstrap for KS and Brier, Wald for the calibration slope.
 * @throws AssayError bad_input for one class only.
 * @example measurePredictions({ scores: [0.1, 0.8], target: [0, 1] }, { seed: 1 }).auc.value // 1
 */
export function measurePredictions(labelled: LabelledScores, options: { seed: number; draws?: number }): Metrics {
  const { events } = assertBothClasses(labelled);
  const auc = aucInterval(labelled);
  const drawn = bootstrapIntervals(labelled, options);
  const line = calibrationLine(labelled);
  return {
    rows: labelled.scores.length,
    defaults: events,
    auc,
    gini: { value: 2 * auc.value - 1, lower: 2 * auc.lower - 1, upper: 2 * auc.upper - 1 },
    ks: drawn.ks,
    brier: drawn.brier,
    logLoss: logLoss(labelled),
    calibrationSlope: line.slope,
    calibrationIntercept: line.intercept,
    ece: expectedCalibrationError(labelled),
  };
}
