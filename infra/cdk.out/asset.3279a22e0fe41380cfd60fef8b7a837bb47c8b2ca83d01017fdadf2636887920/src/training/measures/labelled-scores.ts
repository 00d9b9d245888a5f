import { AssayError } from '../../domain/index.ts';

/** Predictions with their outcomes: `scores` higher = riskier (a pd or a margin), `target` 1 = defaulted. */
export type LabelledScores = { readonly scores: ArrayLike<number>; readonly target: ArrayLike<number> };

/** @throws AssayError bad_input: lengths differ, no row, a score that is not finite. */
export function assertLabelled({ scores, target }: LabelledScores): void {
  if (scores.length !== target.length || scores.length === 0) {
    throw new AssayError('bad_input', {
      what: 'a measure needs one outcome per prediction, and at least one',
      given: `${scores.length} predictions, ${target.length} outcomes`,
    });
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]!)) {
      throw new AssayError('bad_input', {
        what: `the prediction of row ${i} is not a finite number`,
        given: String(scores[i]),
      });
    }
  }
}

/** @throws AssayError bad_input when one of the two classes is missing: discrimination is not defined. */
export function assertBothClasses(labelled: LabelledScores): { readonly events: number; readonly nonEvents: number } {
  assertLabelled(labelled);
  let events = 0;
  for (let i = 0; i < labelled.target.length; i++) events += labelled.target[i] === 1 ? 1 : 0;
  const nonEvents = labelled.target.length - events;
  if (events === 0 || nonEvents === 0) {
    throw new AssayError('bad_input', {
      what: 'discrimination needs both defaults and non-defaults',
      given: `${events} defaults, ${nonEvents} non-defaults`,
      fix: 'take more rows, or check which value means default',
    });
  }
  return { events, nonEvents };
}

/** Row numbers in ascending order of score, ties in row order. */
export function ascendingOrder(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((a, b) => scores[a]! - scores[b]! || a - b);
}

/** Distinct scores ascending, with the defaults and non-defaults at each. */
export type ScoreGroups = {
  readonly scores: Float64Array;
  readonly events: Float64Array;
  readonly nonEvents: Float64Array;
  /** Group of each row. */
  readonly groupOf: Uint32Array;
};

export function groupByScore({ scores, target }: LabelledScores): ScoreGroups {
  const order = ascendingOrder(scores);
  const groupOf = new Uint32Array(order.length);
  const values = new Float64Array(order.length);
  let groups = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (i === 0 || scores[row]! !== values[groups - 1]) values[groups++] = scores[row]!;
    groupOf[row] = groups - 1;
  }
  const events = new Float64Array(groups);
  const nonEvents = new Float64Array(groups);
  for (let row = 0; row < groupOf.length; row++) {
    if (target[row] === 1) events[groupOf[row]!]! += 1;
    else nonEvents[groupOf[row]!]! += 1;
  }
  return { scores: values.slice(0, groups), events, nonEvents, groupOf };
}
