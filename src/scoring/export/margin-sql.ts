import type { InputColumn } from '../../domain/index.ts';
import type { FittedLogistic, FittedScorecard, LogisticTerm } from '../../estimators/index.ts';
import { type Condition, type ScorecardTerm, scorecardTerms } from './scorecard-terms.ts';
import { literal, type ScoreSqlTokens } from './sql-tokens.ts';

/** The margin of a row of feature values, term by term in the order in which the scorer adds them: the same sum bit for bit. */
export function marginSql(fitted: FittedScorecard | FittedLogistic, tokens: ScoreSqlTokens): string {
  const terms =
    fitted.kind === 'scorecard'
      ? scorecardTerms(fitted).map((term) => scorecardTermSql(term, tokens))
      : fitted.terms.map((term) => logisticTermSql(term, fitted.inputs, tokens));
  return [literal(fitted.intercept, tokens.double), ...terms.map((term) => `      + ${term}`)].join('\n');
}

function valueSql(input: InputColumn, { identifier, double, string }: ScoreSqlTokens): string {
  return `CAST(${identifier(input.name)} AS ${input.kind === 'numeric' ? double : string})`;
}

const isMissing = (value: string, { double }: ScoreSqlTokens): string =>
  `${value} IS NULL OR ${value} = ${literal(Number.NaN, double)}`;

function scorecardTermSql({ input, cases }: ScorecardTerm, tokens: ScoreSqlTokens): string {
  const value = valueSql(input, tokens);
  const arms = cases.map(({ condition, contribution }) => {
    const test = conditionSql(condition, value, input.kind === 'numeric', tokens);
    const then = literal(contribution, tokens.double);
    return test === undefined ? `ELSE ${then}` : `WHEN ${test} THEN ${then}`;
  });
  return `CASE ${arms.join(' ')} END`;
}

/** undefined: what holds otherwise. */
function conditionSql(
  condition: Condition,
  value: string,
  isNumeric: boolean,
  tokens: ScoreSqlTokens,
): string | undefined {
  const constant = (one: number | string): string =>
    typeof one === 'number' ? literal(one, tokens.double) : tokens.text(one);
  switch (condition.kind) {
    case 'missing':
      return isNumeric ? isMissing(value, tokens) : `${value} IS NULL`;
    case 'equals':
      return `${value} IN (${condition.values.map(constant).join(', ')})`;
    case 'below':
      return `${value} < ${constant(condition.upper)}`;
    case 'otherwise':
      return undefined;
  }
}

function logisticTermSql(
  { feature, transform, coefficient }: LogisticTerm,
  inputs: readonly InputColumn[],
  tokens: ScoreSqlTokens,
): string {
  const input = inputs.find(({ name }) => name === feature)!;
  const number = (value: number): string => literal(value, tokens.double);
  const value = valueSql(input, tokens);
  const whether = (test: string): string => `CASE WHEN ${test} THEN ${number(1)} ELSE ${number(0)} END`;
  switch (transform.kind) {
    case 'is_missing':
      return `${number(coefficient)} * ${whether(missingSql(input, value, tokens))}`;
    case 'is_level':
      return `${number(coefficient)} * ${whether(`${value} = ${tokens.text(transform.level)}`)}`;
    case 'standardized': {
      const { log1p, lower, upper, mean, scale, missing } = transform;
      const clamped = `CASE WHEN ${value} < ${number(lower)} THEN ${number(lower)} WHEN ${value} > ${number(upper)} THEN ${number(upper)} ELSE ${value} END`;
      const known = `(${log1p ? tokens.log1p(`(${clamped})`) : clamped} - ${number(mean)}) / ${number(scale)}`;
      const standardized = `CASE WHEN ${isMissing(value, tokens)} THEN ${number((missing - mean) / scale)} ELSE ${known} END`;
      return `${number(coefficient)} * ${standardized}`;
    }
  }
}

/** Levels that training did not see are missing, as everywhere. */
function missingSql(input: InputColumn, value: string, tokens: ScoreSqlTokens): string {
  if (input.kind === 'numeric') return isMissing(value, tokens);
  return `${value} IS NULL OR ${value} NOT IN (${input.levels.map(tokens.text).join(', ')})`;
}
