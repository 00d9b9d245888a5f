import type { Portfolio, ProtectedAttribute } from '../../domain/index.ts';
import { createProcessedViews, tablesOf } from '../../features/index.ts';
import { openSealedTables } from '../../ingestion/index.ts';
import type { Lake, ResultColumn, SealedZone, Warehouse } from '../../platform/index.ts';
import { UNKNOWN_OUTCOME } from '../../training/index.ts';

export type FairnessContext = {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly sealed: SealedZone;
  readonly portfolio: Portfolio;
};

const SCHEMA = 'fairness_book';
const SEALED = 'fairness_sealed';
const SCORES_KEY = 'modeled/scores/scores.parquet';

/** The scored book beside one trait: one entry an application, '' where the trait is not known. */
export type BookTrait = {
  readonly applicationIds: readonly string[];
  readonly groups: readonly string[];
  readonly pd: Float64Array;
  readonly score: Float64Array;
  /** 1 = approved or offered less. */
  readonly granted: Uint8Array;
  /** 1 = defaulted, 0 = repaid, 255 = not known. */
  readonly outcome: Uint8Array;
};

/** Reads the scored book with a trait from the sealed zone; nothing of it is written anywhere. Null before anything is scored. */
export async function readBookTrait(
  context: FairnessContext,
  attribute: ProtectedAttribute,
): Promise<BookTrait | null> {
  const { warehouse, lake, sealed, portfolio } = context;
  if (!(await lake.exists(SCORES_KEY))) return null;
  const tables = tablesOf(portfolio);
  await dropSchemas(warehouse);
  try {
    for (const schema of [SCHEMA, SEALED]) await warehouse.run(`CREATE SCHEMA ${schema}`);
    const open = tables.filter(({ name }) => ['loan_applications', 'outcomes'].includes(name));
    await createProcessedViews({ warehouse, lake }, SCHEMA, open);
    await openSealedTables({ warehouse, sealed }, SEALED, tables);
    const hasOutcomes = tables.some(({ name }) => name === 'outcomes');
    const { columns } = await warehouse.columns(bookSql(attribute, lake.path(SCORES_KEY), hasOutcomes));
    return bookOf(columns);
  } finally {
    await dropSchemas(warehouse);
  }
}

/** A trait by application, from the sealed zone, also before anything is scored; nothing of it is written anywhere. */
export async function readTraits(
  { warehouse, lake, sealed, portfolio }: FairnessContext,
  attribute: ProtectedAttribute,
): Promise<ReadonlyMap<string, string>> {
  const tables = tablesOf(portfolio);
  await dropSchemas(warehouse);
  try {
    for (const schema of [SCHEMA, SEALED]) await warehouse.run(`CREATE SCHEMA ${schema}`);
    const open = tables.filter(({ name }) => name === 'loan_applications');
    await createProcessedViews({ warehouse, lake }, SCHEMA, open);
    await openSealedTables({ warehouse, sealed }, SEALED, tables);
    const { columns } = await warehouse.columns(`SELECT application_id, trait FROM (${traitsSql(attribute)})`);
    const [ids, traits] = columns.map(textsOf);
    return new Map(ids!.map((id, i) => [id, traits![i]!]));
  } finally {
    await dropSchemas(warehouse);
  }
}

async function dropSchemas(warehouse: Warehouse): Promise<void> {
  for (const schema of [SCHEMA, SEALED]) await warehouse.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

/** A borrower may have several rows: the one known last counts. */
function traitsSql({ table, column }: ProtectedAttribute): string {
  const value = `CAST("${column.replaceAll('"', '""')}" AS VARCHAR)`;
  return table === 'loan_applications'
    ? `SELECT application_id, ${value} AS trait FROM ${SEALED}.loan_applications`
    : `SELECT application_id, trait FROM ${SCHEMA}.loan_applications
         JOIN (SELECT borrower_id, arg_max(${value}, known_at) AS trait FROM ${SEALED}.borrowers GROUP BY borrower_id) USING (borrower_id)`;
}

function bookSql(attribute: ProtectedAttribute, scoresPath: string, hasOutcomes: boolean): string {
  return `SELECT scores.application_id, COALESCE(traits.trait, '') AS trait, scores.pd, scores.score,
      CAST(scores.outcome IN ('approved', 'counter_offer') AS DOUBLE) AS granted,
      ${hasOutcomes ? `COALESCE(CAST(outcomes.defaulted AS DOUBLE), ${UNKNOWN_OUTCOME})` : `CAST(${UNKNOWN_OUTCOME} AS DOUBLE)`} AS outcome
    FROM read_parquet('${scoresPath.replaceAll("'", "''")}') AS scores
    LEFT JOIN (${traitsSql(attribute)}) AS traits USING (application_id)
    ${hasOutcomes ? `LEFT JOIN ${SCHEMA}.outcomes AS outcomes USING (application_id)` : ''}
    ORDER BY scores.application_id`;
}

function bookOf([ids, traits, pd, score, granted, outcome]: readonly ResultColumn[]): BookTrait {
  const numbers = (column: ResultColumn | undefined): Float64Array =>
    column?.kind === 'numeric' ? column.values : new Float64Array();
  return {
    applicationIds: textsOf(ids),
    groups: textsOf(traits),
    pd: numbers(pd),
    score: numbers(score),
    granted: Uint8Array.from(numbers(granted)),
    outcome: Uint8Array.from(numbers(outcome)),
  };
}

function textsOf(column: ResultColumn | undefined): string[] {
  return column?.kind === 'text' ? column.values.map((value) => value ?? '') : [];
}
