import { ascendingOrder, assertBothClasses, type LabelledScores } from './labelled-scores.ts';

export type GainsRow = {
  /** 1 = the riskiest part. */
  readonly part: number;
  readonly count: number;
  readonly defaults: number;
  readonly defaultRate: number;
  readonly meanScore: number;
  /** Default rate of the part over the overall rate. */
  readonly lift: number;
  readonly cumulativeShareOfRows: number;
  /** Share of all defaults found so far ("gain", capture rate). */
  readonly cumulativeShareOfDefaults: number;
  readonly cumulativeLift: number;
};

/** Gains table: rows from riskiest to safest cut into `wantedParts` of equal count (sizes differ by at most one). */
export function gainsTable(labelled: LabelledScores, wantedParts = 10): GainsRow[] {
  const { events, nonEvents } = assertBothClasses(labelled);
  const total = events + nonEvents;
  const parts = Math.min(wantedParts, total);
  const order = ascendingOrder(labelled.scores).reverse();
  const rows: GainsRow[] = [];
  let found = 0;
  for (let part = 0; part < parts; part++) {
    const start = Math.floor((part * total) / parts);
    const end = Math.floor(((part + 1) * total) / parts);
    let defaults = 0;
    let scoreSum = 0;
    for (let i = start; i < end; i++) {
      defaults += labelled.target[order[i]!]!;
      scoreSum += labelled.scores[order[i]!]!;
    }
    found += defaults;
    const count = end - start;
    rows.push({
      part: part + 1,
      count,
      defaults,
      defaultRate: defaults / count,
      meanScore: scoreSum / count,
      lift: defaults / count / (events / total),
      cumulativeShareOfRows: end / total,
      cumulativeShareOfDefaults: found / events,
      cumulativeLift: found / events / (end / total),
    });
  }
  return rows;
}
