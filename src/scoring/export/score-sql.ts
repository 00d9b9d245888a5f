import type { Calibration, GradeBand, ModelManifest, ScoreScale } from '../../domain/index.ts';
import { pointsPerLogOdds } from '../../estimators/index.ts';
import { literal, type ScoreSqlTokens } from './sql-tokens.ts';

/** Beyond it PostgreSQL refuses exp() where others give 0 or infinity. */
const MAX_EXPONENT = 700;
/** As `scoreOf`: no pd that a model gives gets nearer to 0 or 1. */
const SMALLEST_PD = 1e-12;

type Source = Pick<ModelManifest, 'calibration' | 'scale' | 'grades'>;

/**
 * The SELECT that adds pd, score and grade to a relation with a column `margin`: its columns and these three.
 * @param margins a table, or a SELECT in brackets with an alias
 */
export function scoredSql({ calibration, scale, grades }: Source, margins: string, tokens: ScoreSqlTokens): string {
  const number = (value: number): string => literal(value, tokens.double);
  return `SELECT *,
  ${gradeSql(grades, number, tokens.text)} AS grade
FROM (
  SELECT *,
    ${scoreSql(scale, number)} AS score
  FROM (
    SELECT *,
      ${pdSql(calibration, number)} AS pd
    FROM ${margins}
  ) AS pds
) AS scores
`;
}

type Number = (value: number) => string;

function pdSql(calibration: Calibration, number: Number): string {
  switch (calibration.kind) {
    case 'identity':
      return sigmoidSql('margin', number);
    case 'platt':
      return sigmoidSql(`${number(calibration.intercept)} + ${number(calibration.slope)} * margin`, number);
    case 'isotonic':
      return isotonicSql(calibration, number);
  }
}

function sigmoidSql(logOdds: string, number: Number): string {
  const bounded = `LEAST(GREATEST(-(${logOdds}), ${number(-MAX_EXPONENT)}), ${number(MAX_EXPONENT)})`;
  return `${number(1)} / (${number(1)} + exp(${bounded}))`;
}

/** The lines between the knots, with their widths and heights computed here, as the scorer does. */
function isotonicSql({ margins, pds }: Extract<Calibration, { kind: 'isotonic' }>, number: Number): string {
  const last = margins.length - 1;
  const arms = margins.slice(0, last).map((from, i) => {
    const [width, height] = [margins[i + 1]! - from, pds[i + 1]! - pds[i]!];
    const line = `${number(pds[i]!)} + (margin - ${number(from)}) / ${number(width)} * ${number(height)}`;
    return width > 0 ? `WHEN margin < ${number(margins[i + 1]!)} THEN ${line} ` : '';
  });
  const first = `WHEN NOT margin > ${number(margins[0]!)} THEN ${number(pds[0]!)} `;
  return `CASE ${first}${arms.join('')}ELSE ${number(pds[last]!)} END`;
}

function scoreSql(scale: ScoreScale, number: Number): string {
  const inside = `LEAST(${number(1 - SMALLEST_PD)}, GREATEST(${number(SMALLEST_PD)}, pd))`;
  const odds = `ln((${number(1)} - ${inside}) / ${inside}) - ${number(Math.log(scale.baseOdds))}`;
  return `${number(scale.baseScore)} + ${number(pointsPerLogOdds(scale))} * (${odds})`;
}

function gradeSql(grades: readonly GradeBand[], number: Number, text: (value: string) => string): string {
  const arms = grades.slice(0, -1).map(({ grade, upperPd }) => `WHEN pd <= ${number(upperPd)} THEN ${text(grade)}`);
  const last = text(grades.at(-1)?.grade ?? '');
  return arms.length === 0 ? last : `CASE ${arms.join(' ')} ELSE ${last} END`;
}
