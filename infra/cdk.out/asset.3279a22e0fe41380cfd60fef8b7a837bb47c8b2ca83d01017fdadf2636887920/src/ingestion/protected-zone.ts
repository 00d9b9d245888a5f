import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnSchema, DUCKDB_TYPES, type TableSchema } from '../domain/index.ts';
import type { SealedZone, Warehouse } from '../platform/index.ts';
import { quoted } from './stage-table.ts';

export type ProtectedZone = { readonly warehouse: Warehouse; readonly sealed: SealedZone };

const OWNER_ONLY = 0o600;
/** Kept beside the traits, so that they find their applications again. */
const IDENTITY = ['application_id', 'borrower_id'];

export const isProtected = (column: ColumnSchema): boolean => column.dataClass === 'protected';

/** The key, the identity and the time of a row, and its protected columns: what lies in the sealed zone. */
export function sealedColumns(table: TableSchema): readonly ColumnSchema[] {
  const kept = new Set([...table.key, ...IDENTITY, table.eventTime, table.knownTime]);
  return table.columns.filter((column) => isProtected(column) || kept.has(column.name));
}

const fileOf = (table: string): string => `${table}.parquet`;

/** Seals the rows of a SELECT that gives `sealedColumns` of the table; replaces what was sealed. */
export async function sealTable(
  { warehouse, sealed }: ProtectedZone,
  table: TableSchema,
  select: string,
): Promise<void> {
  await withScratch(async (path) => {
    await warehouse.run(`COPY (${select}) TO '${path}' (FORMAT PARQUET, COMPRESSION ZSTD)`);
    await sealed.put(fileOf(table.name), await readFile(path));
  });
}

/**
 * Opens sealed tables as tables of a schema of the warehouse; the caller drops the schema when done. A table that was never
 * sealed is empty. Only the fairness checks may call this.
 * @throws AssayError tampered when a file does not open with the key
 */
export async function openSealedTables(
  { warehouse, sealed }: ProtectedZone,
  schema: string,
  tables: readonly TableSchema[],
): Promise<void> {
  for (const table of tables.filter(({ columns }) => columns.some(isProtected))) {
    const columns = sealedColumns(table).map(({ name, type }) => `${quoted(name)} ${DUCKDB_TYPES[type]}`);
    const target = `${quoted(schema)}.${quoted(table.name)}`;
    await warehouse.run(`CREATE OR REPLACE TABLE ${target} (${columns.join(', ')})`);
    if (!(await sealed.exists(fileOf(table.name)))) continue;
    await withScratch(async (path) => {
      await writeFile(path, await sealed.get(fileOf(table.name)), { mode: OWNER_ONLY });
      await warehouse.run(`INSERT INTO ${target} BY NAME SELECT * FROM read_parquet('${path}')`);
    });
  }
}

async function withScratch(work: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'assay-sealed-'));
  try {
    await work(join(directory, 'table.parquet').replaceAll("'", "''"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
