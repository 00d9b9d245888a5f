import { AssayError, type Calibration } from '../../domain/index.ts';
import { stratifiedFolds } from '../trees/stratified-folds.ts';
import { applyCalibration } from './apply-calibration.ts';
import { fitIsotonic } from './isotonic.ts';
import { fitPlatt } from './platt.ts';

export type CalibrationOptions = {
  readonly seed: number;
  /** Default 5. */
  readonly folds?: number;
  readonly weights?: Float64Array;
};

export type CalibrationChoice = {
  readonly calibration: Calibration;
  /** Mean log loss out of fold, by kind; what the choice rests on. */
  readonly logLoss: Readonly<Record<Calibration['kind'], number>>;
};

/** From the simplest. */
const KINDS = ['identity', 'platt', 'isotonic'] as const;

/** Below this many defaults (or non-defaults) steps of a default rate are mostly noise. */
const FEWEST_EVENTS_FOR_ISOTONIC = 500;

/**
 * The calibration of out-of-fold margins with the smallest log loss, itself measured out of fold, which charges a line for its
 * two parameters; steps, which may have hundreds, must be better than a line by more than one standard error of the paired
 * difference. To ask as much of a line leaves small sets overconfident: their margins are, by too little to be sure of.
 * Then fitted on all rows.
 * @param margins log-odds of default that the rows' own fit has not seen
 * @throws AssayError bad_input for fewer than two rows of a class, lengths that differ, or margins that are not finite
 */
export function chooseCalibration(
  margins: Float64Array,
  target: Uint8Array,
  options: CalibrationOptions,
): CalibrationChoice {
  const { seed, weights } = options;
  const events = checkRows(margins, target);
  const folds = Math.min(options.folds ?? 5, events);
  const assignment = stratifiedFolds(target, folds, seed);
  const losses = KINDS.map((kind) => outOfFoldLosses(kind, { margins, target, weights }, assignment, folds));
  let chosen = 0;
  for (let kind = 1; kind < KINDS.length; kind++) {
    if (KINDS[kind] === 'isotonic' && events < FEWEST_EVENTS_FOR_ISOTONIC) continue;
    const { [kind]: own, [chosen]: best } = losses;
    const wins = KINDS[kind] === 'isotonic' ? isClearlyBetter(own!, best!) : mean(own!) < mean(best!);
    if (wins) chosen = kind;
  }
  const [identity, platt, isotonic] = losses.map(mean);
  return {
    calibration: fitCalibration(KINDS[chosen]!, { margins, target, weights }),
    logLoss: { identity: identity!, platt: platt!, isotonic: isotonic! },
  };
}

type Rows = {
  readonly margins: Float64Array;
  readonly target: Uint8Array;
  readonly weights: Float64Array | undefined;
};

function checkRows(margins: Float64Array, target: Uint8Array): number {
  const defaults = target.reduce((sum, label) => sum + label, 0);
  const events = Math.min(defaults, target.length - defaults);
  const areFinite = margins.every((margin) => Number.isFinite(margin));
  if (events > 1 && areFinite && margins.length === target.length) return events;
  throw new AssayError('bad_input', {
    what: 'nothing to calibrate on',
    given: `${margins.length} margins${areFinite ? '' : ', some not finite'}; ${target.length} labels, ${defaults} defaults`,
    allowed: 'one finite margin per label, and at least two defaulted and two non-defaulted rows',
    fix: 'calibrate on out-of-fold predictions of the whole training split',
  });
}

function fitCalibration(kind: Calibration['kind'], rows: Rows): Calibration {
  switch (kind) {
    case 'identity':
      return { kind };
    case 'platt':
      return fitPlatt(rows.margins, rows.target, rows.weights);
    case 'isotonic':
      return fitIsotonic(rows.margins, rows.target, rows.weights);
  }
}

function outOfFoldLosses(kind: Calibration['kind'], rows: Rows, assignment: Uint8Array, folds: number): Float64Array {
  const losses = new Float64Array(rows.margins.length);
  for (let fold = 0; fold < folds; fold++) {
    const calibration = fitCalibration(
      kind,
      rowsWhere(rows, (row) => assignment[row] !== fold),
    );
    for (let row = 0; row < losses.length; row++) {
      if (assignment[row] !== fold) continue;
      const loss = logLoss(applyCalibration(calibration, rows.margins[row]!), rows.target[row]!);
      losses[row] = loss * (rows.weights ? rows.weights[row]! : 1);
    }
  }
  return losses;
}

function rowsWhere(rows: Rows, keep: (row: number) => boolean): Rows {
  const { weights } = rows;
  return {
    margins: rows.margins.filter((_, row) => keep(row)),
    target: rows.target.filter((_, row) => keep(row)),
    weights: weights?.filter((_, row) => keep(row)),
  };
}

function logLoss(pd: number, label: number): number {
  return -Math.log(Math.max(1e-15, label === 1 ? pd : 1 - pd));
}

function isClearlyBetter(challenger: Float64Array, incumbent: Float64Array): boolean {
  const gains = incumbent.map((loss, row) => loss - challenger[row]!);
  const gain = mean(gains);
  const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / gains.length;
  return gain > Math.sqrt(variance / gains.length);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
