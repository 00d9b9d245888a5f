import type { ErasedPersons, Warehouse } from '../platform/index.ts';
import { quoted, type StagedTable } from './stage-table.ts';

/** Rows of one source that left a table. */
export type ErasedRows = { readonly staged: StagedTable; readonly source: number; readonly rows: number };

const BORROWER = 'borrower_id';
const ERASED_IDS = 'ingest_erased_ids';
const ERASED_KEYS = 'ingest_erased_keys';

/**
 * Removes the rows of erased persons from staging: those that name a borrower, and those of tables that do not but name what
 * belongs to one (the outcome of an application, the performance of a loan) by the key of another table. Ids are compared as keyed
 * hashes, so that each distinct id is hashed once and the list holds no id.
 */
export async function removeErased(
  tables: readonly StagedTable[],
  warehouse: Warehouse,
  erased: ErasedPersons,
): Promise<ErasedRows[]> {
  if (erased.size === 0) return [];
  try {
    const owned = tables.filter(({ table }) => hasColumn(table, BORROWER));
    await findIds(owned, warehouse, erased);
    await findKeys(owned, warehouse);
    const removed: ErasedRows[] = [];
    for (const staged of tables) removed.push(...(await removeFrom(staged, warehouse)));
    return removed;
  } finally {
    for (const name of [ERASED_IDS, ERASED_KEYS]) await warehouse.run(`DROP TABLE IF EXISTS ${name}`);
  }
}

const hasColumn = ({ columns }: StagedTable['table'], name: string): boolean =>
  columns.some((column) => column.name === name);

async function findIds(owned: readonly StagedTable[], warehouse: Warehouse, erased: ErasedPersons): Promise<void> {
  await warehouse.run(`CREATE OR REPLACE TABLE ${ERASED_IDS} (id VARCHAR)`);
  if (owned.length === 0) return;
  const all = owned.map(({ name }) => `SELECT ${BORROWER} AS id FROM ${quoted(name)}`).join(' UNION ');
  const rows = await warehouse.rows<{ id: string | null }>(all);
  const ids = rows.flatMap(({ id }) => (erased.has(id) ? [id] : []));
  if (ids.length > 0) await warehouse.append(ERASED_IDS, [ids]);
}

/** Keys of what erased persons own, by the name of the key column: an application, a loan, an account. */
async function findKeys(owned: readonly StagedTable[], warehouse: Warehouse): Promise<void> {
  await warehouse.run(`CREATE OR REPLACE TABLE ${ERASED_KEYS} (name VARCHAR, value VARCHAR)`);
  for (const { table, name } of owned) {
    const [key, ...more] = table.key;
    if (key === undefined || key === BORROWER || more.length > 0) continue;
    await warehouse.run(
      `INSERT INTO ${ERASED_KEYS} SELECT DISTINCT '${key.replaceAll("'", "''")}', CAST(${quoted(key)} AS VARCHAR)
       FROM ${quoted(name)} WHERE ${BORROWER} IN (SELECT id FROM ${ERASED_IDS})`,
    );
  }
}

async function removeFrom(staged: StagedTable, warehouse: Warehouse): Promise<ErasedRows[]> {
  const where = hasColumn(staged.table, BORROWER)
    ? `${BORROWER} IN (SELECT id FROM ${ERASED_IDS})`
    : await belongingTo(staged, warehouse);
  if (where === undefined) return [];
  const name = quoted(staged.name);
  const rows = await warehouse.rows<{ source: number; rows: number }>(
    `SELECT _source AS source, count(*) AS rows FROM ${name} WHERE ${where} GROUP BY _source ORDER BY _source`,
  );
  if (rows.length > 0) await warehouse.run(`DELETE FROM ${name} WHERE ${where}`);
  return rows.map(({ source, rows: count }) => ({ staged, source, rows: count }));
}

/** The condition for a row that belongs to an erased person through a key; undefined when no column is such a key. */
async function belongingTo({ table }: StagedTable, warehouse: Warehouse): Promise<string | undefined> {
  const known = await warehouse.rows<{ name: string }>(`SELECT DISTINCT name FROM ${ERASED_KEYS}`);
  const names = known.map(({ name }) => name).filter((name) => hasColumn(table, name));
  if (names.length === 0) return undefined;
  return names
    .map((name) => {
      const values = `SELECT value FROM ${ERASED_KEYS} WHERE name = '${name.replaceAll("'", "''")}'`;
      return `CAST(${quoted(name)} AS VARCHAR) IN (${values})`;
    })
    .join(' OR ');
}
