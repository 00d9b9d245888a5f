import { loanPerformanceTable, loansTable, type Portfolio, type TableSchema } from '../domain/index.ts';
import { createProcessedViews, FEATURES_KEY, tablesOf } from '../features/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import { ASSUMED_LGD } from './overview-spec.ts';
import { identifier, sqlText } from './sql.ts';

export const SCORES_KEY = 'modeled/scores/scores.parquet';
export const OUT_OF_FOLD_KEY = 'modeled/training/out_of_fold.parquet';

export type BookContext = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };

/**
 * Views the marts read, in the schema `mart`: `book` (one row a scored application, with the same columns whatever the
 * portfolio), `loans` and `loan_performance` (empty where the portfolio has none), `out_of_fold`, `segment_members`.
 */
export async function createBookViews(context: BookContext): Promise<void> {
  const { warehouse, portfolio } = context;
  await warehouse.run('DROP SCHEMA IF EXISTS mart CASCADE');
  await warehouse.run('CREATE SCHEMA mart');
  const tables = tablesOf(portfolio);
  const named = (name: string): TableSchema | undefined => tables.find((table) => table.name === name);
  await createProcessedViews(context, 'mart', [
    ...tables.filter((table) => ['loan_applications', 'outcomes'].includes(table.name)),
    named('loans') ?? loansTable,
    named('loan_performance') ?? loanPerformanceTable,
  ]);
  await warehouse.run(await scoresSql(context));
  await warehouse.run(bookSql(named('loan_applications'), named('outcomes') !== undefined));
  await warehouse.run(await outOfFoldSql(context));
  await warehouse.run(STRATEGY_SQL);
  await warehouse.run(await segmentMembersSql(context));
}

/** Scores written before prices were kept have none. */
async function scoresSql({ warehouse, lake }: BookContext): Promise<string> {
  const source = `read_parquet(${sqlText(lake.path(SCORES_KEY))})`;
  const columns = await warehouse.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${source}`);
  const isPriced = columns.some(({ column_name }) => column_name === 'annual_rate_percent');
  return `CREATE VIEW mart.scores AS SELECT *${isPriced ? '' : ', CAST(NULL AS DOUBLE) AS annual_rate_percent'} FROM ${source}`;
}

/** Dates of a book without any all fall on one day given by its mapper; then there are no months to speak of. */
function bookSql(applications: TableSchema | undefined, hasOutcomes: boolean): string {
  const column = (name: string): string =>
    applications?.columns.some((candidate) => candidate.name === name)
      ? `applications.${name}`
      : 'CAST(NULL AS BIGINT)';
  return `CREATE VIEW mart.book AS
    SELECT scores.application_id, scores.borrower_id, scores.applied_at, scores.model_version, scores.estimator,
           scores.margin, scores.pd, scores.score, scores.grade, scores.outcome, scores.reason_1, scores.annual_rate_percent,
           ${column('amount_minor')} AS amount_minor, ${column('term_months')} AS term_months,
           ${applications ? 'applications.source_row' : 'CAST(NULL AS BIGINT)'} AS source_row,
           ${hasOutcomes ? 'outcomes.defaulted' : 'CAST(NULL AS BIGINT)'} AS defaulted,
           scores.outcome IN ('approved', 'counter_offer') AS granted,
           (SELECT COUNT(DISTINCT strftime(applied_at, '%Y-%m')) > 1 FROM mart.scores) AS dated,
           CAST(${ASSUMED_LGD} AS DOUBLE) AS lgd
    FROM mart.scores AS scores
    ${applications ? 'LEFT JOIN mart.loan_applications AS applications USING (application_id)' : ''}
    ${hasOutcomes ? 'LEFT JOIN mart.outcomes AS outcomes USING (application_id)' : ''}`;
}

async function outOfFoldSql({ lake }: BookContext): Promise<string> {
  if (!(await lake.exists(OUT_OF_FOLD_KEY))) {
    return 'CREATE VIEW mart.out_of_fold AS SELECT CAST(NULL AS VARCHAR) AS application_id, CAST(NULL AS DOUBLE) AS pd WHERE 1 = 0';
  }
  return `CREATE VIEW mart.out_of_fold AS SELECT application_id, AVG(pd) AS pd
    FROM read_parquet(${sqlText(lake.path(OUT_OF_FOLD_KEY))})
    WHERE estimator = (SELECT ANY_VALUE(estimator) FROM mart.scores) GROUP BY application_id`;
}

/** Where no term was asked for. */
const ASSUMED_TERM_MONTHS = 24;

/**
 * Safest first. `interest_share`: what the policy's price earns over the life of a loan that is paid back evenly, as a share of its amount
 * (half of it is lent on average). A row whose outcome trained the model has its out-of-fold pd; all others were never seen by it. */
const STRATEGY_SQL = `CREATE VIEW mart.strategy AS
  SELECT CAST(row_number() OVER (ORDER BY pd, application_id) - 1 AS BIGINT) AS place, *
  FROM (SELECT book.application_id, COALESCE(out_of_fold.pd, book.pd) AS pd, book.amount_minor, book.defaulted, book.outcome,
    annual_rate_percent / 100 * COALESCE(term_months, ${ASSUMED_TERM_MONTHS}) / 24 AS interest_share
    FROM mart.book AS book LEFT JOIN mart.out_of_fold AS out_of_fold USING (application_id))`;

/** Quantile cuts of a number, or the most frequent categories. */
const NUMERIC_PARTS = 5;
const MAX_CATEGORIES = 12;

async function segmentMembersSql({ warehouse, lake, portfolio }: BookContext): Promise<string> {
  const empty = `SELECT CAST(NULL AS VARCHAR) AS application_id, CAST(NULL AS VARCHAR) AS dimension, CAST(NULL AS VARCHAR) AS segment,
    CAST(NULL AS BIGINT) AS position, CAST(NULL AS DOUBLE) AS lower, CAST(NULL AS DOUBLE) AS upper WHERE 1 = 0`;
  if (!(await lake.exists(FEATURES_KEY))) return `CREATE TABLE mart.segment_members AS ${empty}`;
  const features = `read_parquet(${sqlText(lake.path(FEATURES_KEY))})`;
  const parts = [empty];
  for (const name of portfolio.segments) {
    const feature = portfolio.features.features.find((candidate) => candidate.name === name);
    if (feature?.type === 'numeric')
      parts.push(numericMembers(features, name, await cutsOf(warehouse, features, name)));
    else if (feature) parts.push(categoricalMembers(features, name));
  }
  return `CREATE TABLE mart.segment_members AS ${parts.join('\nUNION ALL\n')}`;
}

async function cutsOf(warehouse: Warehouse, features: string, name: string): Promise<number[]> {
  const column = identifier(name);
  const shares = Array.from({ length: NUMERIC_PARTS - 1 }, (_, part) => (part + 1) / NUMERIC_PARTS);
  const quantiles = shares.map((share, part) => `quantile_disc(${column}, ${share}) AS q${part}`);
  const [row] = await warehouse.rows<Record<string, number | null>>(`SELECT ${quantiles.join(', ')} FROM ${features}`);
  const cuts = Object.values(row ?? {}).filter((cut) => cut !== null);
  const [range] = await warehouse.rows<{ lowest: number | null }>(`SELECT MIN(${column}) AS lowest FROM ${features}`);
  // a value that fills several parts gives one cut, and nothing lies below the smallest value
  return [...new Set(cuts)].filter((cut) => cut > (range?.lowest ?? Number.NEGATIVE_INFINITY));
}

/** lower <= value < upper; missing last. */
function numericMembers(features: string, name: string, cuts: readonly number[]): string {
  const column = identifier(name);
  const position = cuts.map((cut) => `CASE WHEN ${column} >= ${cut} THEN 1 ELSE 0 END`).join(' + ') || '0';
  const bound = (shift: number): string =>
    `CASE part ${cuts.map((cut, index) => `WHEN ${index + shift} THEN ${cut}`).join(' ')} ELSE NULL END`;
  const bounds = cuts.length === 0 ? ['NULL', 'NULL'] : [bound(1), bound(0)];
  return `SELECT application_id, ${sqlText(name)}, CASE WHEN part IS NULL THEN 'missing' ELSE CAST(part AS VARCHAR) END,
      COALESCE(part, ${cuts.length + 1}), CAST(${bounds[0]} AS DOUBLE), CAST(${bounds[1]} AS DOUBLE)
    FROM (SELECT application_id, CASE WHEN ${column} IS NULL THEN NULL ELSE ${position} END AS part FROM ${features})`;
}

function categoricalMembers(features: string, name: string): string {
  const column = identifier(name);
  return `SELECT application_id, ${sqlText(name)},
      CASE WHEN value IS NULL THEN 'missing' WHEN place <= ${MAX_CATEGORIES} THEN value ELSE 'all others' END,
      CASE WHEN value IS NULL THEN ${MAX_CATEGORIES + 2} ELSE LEAST(place, ${MAX_CATEGORIES + 1}) END, NULL, NULL
    FROM (SELECT application_id, CAST(${column} AS VARCHAR) AS value FROM ${features})
    LEFT JOIN (SELECT CAST(${column} AS VARCHAR) AS value, row_number() OVER (ORDER BY COUNT(*) DESC, CAST(${column} AS VARCHAR)) AS place
      FROM ${features} WHERE ${column} IS NOT NULL GROUP BY 1) USING (value)`;
}
