import {
  AssayError,
  type EstimatorName,
  type Incumbent,
  loanApplicationsTable,
  type Portfolio,
} from '../../domain/index.ts';
import { createProcessedViews, tablesOf } from '../../features/index.ts';
import type { Lake, ResultColumn, Warehouse } from '../../platform/index.ts';
import { SCORES_KEY } from '../../scoring/index.ts';
import { conditionSql, incumbentRiskSql } from './incumbent-sql.ts';

/** Where a prediction comes from: never from a model that saw the row's outcome. */
export type Basis = 'out_of_fold' | 'out_of_time' | 'no_outcome';
const BASES: readonly Basis[] = ['out_of_fold', 'out_of_time', 'no_outcome'];

/** Every scored application with both orders of risk, by column. */
export type ClaimBook = {
  readonly estimator: string;
  readonly modelVersion: string;
  readonly basis: readonly Basis[];
  /** The model's pd. */
  readonly pd: Float64Array;
  /** Rank by the incumbent rule, higher = riskier. */
  readonly incumbent: Float64Array;
  /** 1 where the incumbent rule approves, 0 where it declines, NaN where the book does not say. */
  readonly approved: Float64Array;
  /** 1 = defaulted, 0 = not, NaN = not known. */
  readonly defaulted: Float64Array;
  /** What would have become of it, granted or not: simulated books only, else NaN. */
  readonly truth: Float64Array;
};

export type ClaimSource = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };

const SCHEMA = 'claims';
const predictionsKey = (estimator: string): string => `modeled/training/predictions/${estimator}.parquet`;
const file = (path: string): string => `read_parquet('${path.replaceAll("'", "''")}')`;

/**
 * Reads the book for `assay simulate`. A row of the training split has its out-of-fold prediction, one of the test split the
 * prediction of the model fitted before it, one without an outcome its score.
 * @throws AssayError not_found before the book is scored, or for an estimator that was not trained; bad_input without an incumbent
 */
export async function readClaimBook(source: ClaimSource, wanted?: EstimatorName): Promise<ClaimBook> {
  const { warehouse, lake } = source;
  const incumbent = incumbentOf(source.portfolio);
  await requireScores(source);
  const champion = await championOf(source);
  const estimator = wanted ?? champion.estimator;
  await requirePredictions(lake, estimator);
  await createViews(source);
  try {
    const sql = bookSql(source, incumbent, estimator, estimator === champion.estimator);
    const { columns } = await warehouse.columns(sql);
    return { ...champion, estimator, ...columnsOf(columns) };
  } finally {
    await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  }
}

function incumbentOf(portfolio: Portfolio): Incumbent {
  if (portfolio.incumbent) return portfolio.incumbent;
  throw new AssayError('bad_input', {
    what: 'the portfolio names no incumbent to compare with',
    given: portfolio.name,
    allowed: 'a portfolio whose portfolio.ts has an incumbent',
    fix: 'write down the rule the lender decides by today as `incumbent`; docs/bring-your-own-data.md shows one',
  });
}

async function requireScores({ lake, portfolio }: ClaimSource): Promise<void> {
  if (await lake.exists(SCORES_KEY)) return;
  throw new AssayError('not_found', {
    what: 'the book is not scored yet',
    given: portfolio.name,
    fix: `run: assay up --once --portfolio ${portfolio.name} --data DIR`,
  });
}

async function requirePredictions(lake: Lake, estimator: string): Promise<void> {
  if (await lake.exists(predictionsKey(estimator))) return;
  throw new AssayError('not_found', {
    what: 'there are no predictions of this estimator',
    given: estimator,
    allowed: (await lake.list('modeled/training/predictions')).map((key) => key.replace(/^.*\/|\..*$/g, '')).join(', '),
    fix: 'choose one of these with --estimator, or train it first',
  });
}

async function championOf({ warehouse, lake }: ClaimSource): Promise<{ estimator: string; modelVersion: string }> {
  const [row] = await warehouse.rows<{ estimator: string; model_version: string }>(
    `SELECT ANY_VALUE(estimator) AS estimator, ANY_VALUE(model_version) AS model_version FROM ${file(lake.path(SCORES_KEY))}`,
  );
  return { estimator: row?.estimator ?? '', modelVersion: row?.model_version ?? '' };
}

async function createViews({ warehouse, lake, portfolio }: ClaimSource): Promise<void> {
  await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await warehouse.run(`CREATE SCHEMA ${SCHEMA}`);
  const tables = tablesOf(portfolio).filter(({ name }) =>
    [loanApplicationsTable.name, 'outcomes', 'simulation_truth'].includes(name),
  );
  await createProcessedViews({ warehouse, lake }, SCHEMA, tables);
}

/** Applications without an outcome have a score of the champion only; for another estimator they stay out. */
function bookSql(source: ClaimSource, incumbent: Incumbent, estimator: string, isChampion: boolean): string {
  const has = (name: string): boolean => tablesOf(source.portfolio).some((table) => table.name === name);
  const approves = incumbent.approves ? `CASE WHEN ${conditionSql(incumbent.approves)} THEN 1.0 ELSE 0.0 END` : 'NULL';
  const truth = has('simulation_truth');
  return `WITH rule AS (
      SELECT application_id, source_row, ${incumbentRiskSql(incumbent)} AS incumbent, CAST(${approves} AS DOUBLE) AS approved
      FROM ${SCHEMA}.loan_applications),
    predictions AS (
      SELECT application_id, split, pd FROM ${file(source.lake.path(predictionsKey(estimator)))})
    SELECT CASE predictions.split WHEN 'out_of_fold' THEN 0.0 WHEN 'test' THEN 1.0 ELSE 2.0 END AS basis,
      COALESCE(predictions.pd, scores.pd) AS pd, rule.incumbent, rule.approved,
      CAST(outcomes.defaulted AS DOUBLE) AS defaulted,
      ${truth ? 'CAST(truth.would_default AS DOUBLE)' : 'CAST(NULL AS DOUBLE)'} AS truth
    FROM rule
    JOIN ${file(source.lake.path(SCORES_KEY))} AS scores USING (application_id)
    LEFT JOIN predictions USING (application_id)
    LEFT JOIN ${SCHEMA}.outcomes AS outcomes USING (application_id)
    ${truth ? `LEFT JOIN ${SCHEMA}.simulation_truth AS truth USING (application_id)` : ''}
    ${isChampion ? '' : 'WHERE predictions.pd IS NOT NULL'}
    ORDER BY rule.source_row, application_id`;
}

function columnsOf(columns: readonly ResultColumn[]): Omit<ClaimBook, 'estimator' | 'modelVersion'> {
  const numbers = (name: string): Float64Array => {
    const column = columns.find((candidate) => candidate.name === name);
    if (column?.kind === 'numeric') return column.values;
    return new Float64Array(column?.values.length ?? 0).fill(Number.NaN);
  };
  return {
    basis: Array.from(numbers('basis'), (code) => BASES[code] ?? 'no_outcome'),
    pd: numbers('pd'),
    incumbent: numbers('incumbent'),
    approved: numbers('approved'),
    defaulted: numbers('defaulted'),
    truth: numbers('truth'),
  };
}
