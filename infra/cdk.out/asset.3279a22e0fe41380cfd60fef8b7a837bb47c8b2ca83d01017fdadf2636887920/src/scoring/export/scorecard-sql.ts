import type { Calibration, GradeBand, ModelManifest, ScoreScale } from '../../domain/index.ts';
import { type FittedScorecard, pointsPerLogOdds } from '../../estimators/index.ts';
import { type Condition, type ScorecardTerm, scorecardTerms } from './scorecard-terms.ts';

/** Beyond it PostgreSQL refuses exp() where others give 0 or infinity. */
const MAX_EXPONENT = 700;
/** As `scoreOf`: no pd that a model gives gets nearer to 0 or 1. */
const SMALLEST_PD = 1e-12;

/**
 * A scorecard as one SELECT over a table of feature values, for DuckDB and PostgreSQL: the table's columns and margin, pd,
 * score, grade. The table has one column for each input, NULL where the value is missing.
 *
 * Margins are the scorer's bit for bit: the same 64-bit sums in the same order. So are pds where the calibration is none or
 * isotonic's straight lines; exp() and ln() are the engine's own, which may differ in the last digit: pds to 1e-15, scores to
 * 1e-9 points.
 * @param table name of the table or view, quoted by the caller where it must be
 * @example scorecardSql(manifest, fitted, 'features') -> 'SELECT *, … AS grade FROM (SELECT *, … FROM features) …'
 */
export function scorecardSql(manifest: ModelManifest, fitted: FittedScorecard, table: string): string {
  const terms = scorecardTerms(fitted).map((term) => `      + ${caseOf(term)}`);
  return `-- ${manifest.modelVersion}: scorecard of ${manifest.portfolio}, trained ${manifest.createdAt}
SELECT *,
  ${gradeSql(manifest.grades)} AS grade
FROM (
  SELECT *,
    ${scoreSql(manifest.scale)} AS score
  FROM (
    SELECT *,
      ${pdSql(manifest.calibration)} AS pd
    FROM (
      SELECT *,
      ${literal(fitted.intercept)}
${terms.join('\n')}
      AS margin
      FROM ${table}
    ) AS margins
  ) AS pds
) AS scores
`;
}

/** Exact in both engines: a decimal text cast to 64 bits is rounded once, to the number it was written from. */
function literal(value: number): string {
  return `CAST('${value}' AS FLOAT8)`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function caseOf({ input, cases }: ScorecardTerm): string {
  const value = `CAST(${quoted(input.name)} AS ${input.kind === 'numeric' ? 'FLOAT8' : 'VARCHAR'})`;
  const arms = cases.map(({ condition, contribution }) => {
    const test = conditionSql(condition, value, input.kind === 'numeric');
    return test === undefined ? `ELSE ${literal(contribution)}` : `WHEN ${test} THEN ${literal(contribution)}`;
  });
  return `CASE ${arms.join(' ')} END`;
}

/** undefined: what holds otherwise. */
function conditionSql(condition: Condition, value: string, isNumeric: boolean): string | undefined {
  switch (condition.kind) {
    case 'missing':
      return isNumeric ? `${value} IS NULL OR ${value} = ${literal(Number.NaN)}` : `${value} IS NULL`;
    case 'equals':
      return `${value} IN (${condition.values.map((one) => (typeof one === 'number' ? literal(one) : text(one))).join(', ')})`;
    case 'below':
      return `${value} < ${literal(condition.upper)}`;
    case 'otherwise':
      return undefined;
  }
}

function pdSql(calibration: Calibration): string {
  switch (calibration.kind) {
    case 'identity':
      return sigmoidSql('margin');
    case 'platt':
      return sigmoidSql(`${literal(calibration.intercept)} + ${literal(calibration.slope)} * margin`);
    case 'isotonic':
      return isotonicSql(calibration);
  }
}

function sigmoidSql(logOdds: string): string {
  const bounded = `LEAST(GREATEST(-(${logOdds}), ${literal(-MAX_EXPONENT)}), ${literal(MAX_EXPONENT)})`;
  return `${literal(1)} / (${literal(1)} + exp(${bounded}))`;
}

/** The lines between the knots, with their widths and heights computed here, as the scorer does. */
function isotonicSql({ margins, pds }: Extract<Calibration, { kind: 'isotonic' }>): string {
  const last = margins.length - 1;
  const arms = margins.slice(0, last).map((from, i) => {
    const [width, height] = [margins[i + 1]! - from, pds[i + 1]! - pds[i]!];
    const line = `${literal(pds[i]!)} + (margin - ${literal(from)}) / ${literal(width)} * ${literal(height)}`;
    return width > 0 ? `WHEN margin < ${literal(margins[i + 1]!)} THEN ${line} ` : '';
  });
  const first = `WHEN NOT margin > ${literal(margins[0]!)} THEN ${literal(pds[0]!)} `;
  return `CASE ${first}${arms.join('')}ELSE ${literal(pds[last]!)} END`;
}

function scoreSql(scale: ScoreScale): string {
  const inside = `LEAST(${literal(1 - SMALLEST_PD)}, GREATEST(${literal(SMALLEST_PD)}, pd))`;
  const odds = `ln((${literal(1)} - ${inside}) / ${inside}) - ${literal(Math.log(scale.baseOdds))}`;
  return `${literal(scale.baseScore)} + ${literal(pointsPerLogOdds(scale))} * (${odds})`;
}

function gradeSql(grades: readonly GradeBand[]): string {
  const arms = grades.slice(0, -1).map(({ grade, upperPd }) => `WHEN pd <= ${literal(upperPd)} THEN ${text(grade)}`);
  const last = text(grades.at(-1)?.grade ?? '');
  return arms.length === 0 ? last : `CASE ${arms.join(' ')} ELSE ${last} END`;
}
