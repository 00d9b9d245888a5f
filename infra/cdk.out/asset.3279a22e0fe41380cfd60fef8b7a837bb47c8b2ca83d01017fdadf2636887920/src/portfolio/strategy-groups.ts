import type { ProtectedAttribute } from '../domain/index.ts';
import { createProcessedViews, tablesOf } from '../features/index.ts';
import { openSealedTables } from '../ingestion/index.ts';
import type { SealedZone } from '../platform/index.ts';
import type { MartReader } from './mart-reader.ts';
import { identifier, sqlText } from './sql.ts';
import { base64, numbersOf } from './strategy-book.ts';

/** Smaller groups are told by no ratio; the page says "too few". */
export const MINIMUM_GROUP = 30;
const MAX_LEVELS = 50;
const SCHEMA = 'strategy_groups';
const SEALED = 'strategy_groups_sealed';

/**
 * Protected attributes of the book's applications as group codes in the order of the strategy book (Uint8 base64, 255 = not
 * known), for adverse impact ratios and nothing else. Read from the sealed zone on request: no mart holds them.
 */
export async function readStrategyGroups(reader: MartReader, sealed: SealedZone | undefined) {
  const snapshot = await reader.snapshot();
  if (!snapshot || !sealed || !(await reader.has('strategy')))
    return { state: 'empty' as const, snapshot: null, minimumGroup: MINIMUM_GROUP, attributes: [] };
  const attributes = await reader.cached(snapshot, 'strategy groups', () => readAttributes(reader, sealed));
  return { state: 'ready' as const, snapshot, minimumGroup: MINIMUM_GROUP, attributes };
}

async function readAttributes(reader: MartReader, sealed: SealedZone) {
  const { warehouse, portfolio, lake } = reader.context;
  const tables = tablesOf(portfolio).filter(({ name }) => ['borrowers', 'loan_applications'].includes(name));
  await dropSchemas(reader);
  for (const schema of [SCHEMA, SEALED]) await warehouse.run(`CREATE SCHEMA ${schema}`);
  try {
    await createProcessedViews({ warehouse, lake }, SCHEMA, tables);
    await openSealedTables({ warehouse, sealed }, SEALED, tables);
    const found = [];
    for (const attribute of portfolio.protectedAttributes) {
      if (tables.some(({ name }) => name === attribute.table)) found.push(await readAttribute(reader, attribute));
    }
    return found;
  } finally {
    await dropSchemas(reader);
  }
}

async function dropSchemas({ context: { warehouse } }: MartReader): Promise<void> {
  for (const schema of [SCHEMA, SEALED]) await warehouse.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

const NOT_KNOWN = 255;

async function readAttribute(reader: MartReader, { table, column, title }: ProtectedAttribute) {
  const { warehouse } = reader.context;
  const value = `CAST(${identifier(column)} AS VARCHAR)`;
  // a borrower may have several rows: the one known last counts
  const source =
    table === 'loan_applications'
      ? `SELECT application_id, ${value} AS value FROM ${SEALED}.loan_applications`
      : `SELECT applications.application_id, borrowers.value FROM ${SCHEMA}.loan_applications AS applications
         JOIN (SELECT borrower_id, arg_max(${value}, known_at) AS value FROM ${SEALED}.borrowers GROUP BY borrower_id) AS borrowers
         USING (borrower_id)`;
  const levels = await warehouse.rows<{ value: string }>(
    `SELECT value FROM (${source}) WHERE value IS NOT NULL GROUP BY value ORDER BY COUNT(*) DESC, value LIMIT ${MAX_LEVELS}`,
  );
  const names = levels.map((level) => level.value);
  const { columns } = await warehouse.columns(
    `SELECT CAST(COALESCE(list_position([${names.map(sqlText).join(', ')}]::VARCHAR[], members.value) - 1, ${NOT_KNOWN}) AS DOUBLE) AS code
     FROM ${reader.from('strategy')} AS strategy LEFT JOIN (${source}) AS members USING (application_id) ORDER BY place`,
  );
  return { name: column, title, groups: names, codes: base64(Uint8Array.from(numbersOf(columns[0]))) };
}
