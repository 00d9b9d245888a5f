import { AssayError, DUCKDB_TYPES, type Portfolio, type TableSchema } from '../domain/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier, text } = duckdbDialect;

/** Tables a portfolio's sources fill, each once. */
export function tablesOf(portfolio: Pick<Portfolio, 'sources'>): TableSchema[] {
  const byName = new Map<string, TableSchema>();
  for (const source of portfolio.sources) {
    for (const target of source.targets) byName.set(target.table.name, byName.get(target.table.name) ?? target.table);
  }
  return [...byName.values()];
}

export function quotedPath(path: string): string {
  return text(path);
}

/** `schema.name`, quoted. */
export function inSchema(schema: string): (name: string) => string {
  return (name) => `${identifier(schema)}.${identifier(name)}`;
}

/** Paths of the Parquet files of a processed table; none where it received no rows. */
export async function processedFiles(lake: Lake, table: string): Promise<string[]> {
  const keys = await lake.list(`processed/${table}`);
  return keys.filter((key) => key.endsWith('.parquet')).map((key) => lake.path(key));
}

/**
 * One view per table over `processed/<table>/`, with the declared columns in their declared types and `source_row`; the
 * partition column `dt` stays out. A table that received no rows is an empty view.
 */
export async function createProcessedViews(
  { warehouse, lake }: { readonly warehouse: Warehouse; readonly lake: Lake },
  schema: string,
  tables: readonly TableSchema[],
): Promise<void> {
  for (const table of tables) {
    const files = await processedFiles(lake, table.name);
    const rows = files.length === 0 ? null : `read_parquet([${files.map(text).join(', ')}], hive_partitioning = false)`;
    await warehouse.run(`CREATE OR REPLACE VIEW ${inSchema(schema)(table.name)} AS ${tableQuery(table, rows)}`);
  }
}

function tableQuery(table: TableSchema, rows: string | null): string {
  const cast = (name: string, type: string): string =>
    `CAST(${rows === null ? 'NULL' : identifier(name)} AS ${type}) AS ${identifier(name)}`;
  const columns = [
    ...table.columns.map((column) => cast(column.name, DUCKDB_TYPES[column.type])),
    cast('source_row', 'BIGINT'),
  ];
  return `SELECT ${columns.join(', ')}${rows === null ? ' WHERE 1 = 0' : ` FROM ${rows}`}`;
}

/** Runs `work` with a schema of its own in the warehouse, gone afterwards whatever happens. */
export async function withSchema<T>(warehouse: Warehouse, schema: string, work: () => Promise<T>): Promise<T> {
  await warehouse.run(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
  await warehouse.run(`CREATE SCHEMA ${identifier(schema)}`);
  try {
    return await work();
  } finally {
    await warehouse.run(`DROP SCHEMA IF EXISTS ${identifier(schema)} CASCADE`);
  }
}

export async function requireKey(lake: Lake, key: string, step: string): Promise<void> {
  if (await lake.exists(key)) return;
  throw new AssayError('not_found', {
    what: `${key} is not in the lake`,
    given: lake.path(key),
    fix: `run the step "${step}" first (assay up, or assay pipeline run)`,
  });
}
