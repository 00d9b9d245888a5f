import type { InputColumn } from '../../domain/index.ts';
import type { Characteristic, FittedScorecard } from '../../estimators/index.ts';

/** Something a value may be; the first that holds decides. */
export type Condition =
  | { readonly kind: 'missing' }
  | { readonly kind: 'equals'; readonly values: readonly (number | string)[] }
  | { readonly kind: 'below'; readonly upper: number }
  | { readonly kind: 'otherwise' };

export type Case = { readonly condition: Condition; readonly contribution: number };

/** A characteristic as an ordered list of cases: what SQL and PMML both can say. */
export type ScorecardTerm = {
  readonly input: InputColumn;
  readonly characteristic: Characteristic;
  readonly cases: readonly Case[];
};

/**
 * The terms of a scorecard in the order in which their contributions are added, each with its cases in the order in which
 * the scorer tries them: missing, special values, intervals; or missing and levels. Contributions are coefficient * WoE, in
 * log-odds; a value that no bin holds adds 0, and counts as missing where missing values have a bin.
 */
export function scorecardTerms({ inputs, characteristics }: FittedScorecard): ScorecardTerm[] {
  return characteristics.map((characteristic) => {
    const input = inputs.find(({ name }) => name === characteristic.feature)!;
    const cases = input.kind === 'numeric' ? numericCases(characteristic) : levelCases(characteristic, input.levels);
    return { input, characteristic, cases };
  });
}

function missingContribution({ bins, coefficient }: Characteristic): number {
  const bin = bins.find(({ rule }) => rule.kind === 'missing');
  return bin ? coefficient * bin.woe : 0;
}

function numericCases(characteristic: Characteristic): Case[] {
  const { bins, coefficient } = characteristic;
  const missing = missingContribution(characteristic);
  const specials: Case[] = [];
  const intervals: Case[] = [];
  for (const { rule, woe } of bins) {
    const contribution = coefficient * woe;
    if (rule.kind === 'special') specials.push({ condition: { kind: 'equals', values: rule.values }, contribution });
    if (rule.kind !== 'interval') continue;
    const { upper } = rule;
    intervals.push({ condition: upper === null ? { kind: 'otherwise' } : { kind: 'below', upper }, contribution });
  }
  const rest: Case[] = intervals.length === 0 ? [{ condition: { kind: 'otherwise' }, contribution: missing }] : [];
  return [{ condition: { kind: 'missing' }, contribution: missing }, ...specials, ...intervals, ...rest];
}

/** Levels that training did not see are missing, as everywhere. */
function levelCases(characteristic: Characteristic, levels: readonly string[]): Case[] {
  const { bins, coefficient } = characteristic;
  const missing = missingContribution(characteristic);
  const known = bins.flatMap(({ rule, woe }): Case[] => {
    if (rule.kind !== 'levels') return [];
    const values = rule.levels.filter((level) => levels.includes(level));
    return values.length === 0 ? [] : [{ condition: { kind: 'equals', values }, contribution: coefficient * woe }];
  });
  return [
    { condition: { kind: 'missing' }, contribution: missing },
    ...known,
    { condition: { kind: 'otherwise' }, contribution: missing },
  ];
}
