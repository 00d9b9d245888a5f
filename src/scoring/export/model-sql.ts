import type { ModelManifest } from '../../domain/index.ts';
import type { FittedLogistic, FittedScorecard } from '../../estimators/index.ts';
import { marginSql } from './margin-sql.ts';
import { scoredSql } from './score-sql.ts';
import { commonTokens } from './sql-tokens.ts';

/**
 * A scorecard or logistic regression as one SELECT over a table of feature values, for DuckDB and PostgreSQL: the table's columns
 * and margin, pd, score, grade. The table has one column for each input, NULL where the value is missing.
 *
 * A scorecard's margins are the scorer's bit for bit: the same 64-bit sums in the same order. So are pds where the calibration is
 * none or isotonic's straight lines; exp() and ln() are the engine's own, which may differ in the last digit: pds to 1e-15, scores
 * to 1e-9 points. A logistic regression with logarithms in its terms: margins to 1e-12, pds to 1e-12.
 * @param table name of the table or view, quoted by the caller where it must be
 * @example modelSql(manifest, fitted, 'features') -> 'SELECT *, … AS grade FROM (SELECT *, … FROM features) …'
 */
export function modelSql(manifest: ModelManifest, fitted: FittedScorecard | FittedLogistic, table: string): string {
  const margins = `(
      SELECT *,
      ${marginSql(fitted, commonTokens)}
      AS margin
      FROM ${table}
    ) AS margins`;
  return `-- ${manifest.modelVersion}: ${manifest.estimator} of ${manifest.portfolio}, trained ${manifest.createdAt}
${scoredSql(manifest, margins, commonTokens)}`;
}
