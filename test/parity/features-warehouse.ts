import type { FeatureCatalog, FeatureRow, TableSchema } from '../../src/domain/index.ts';
import { DUCKDB_TYPES } from '../../src/domain/index.ts';
import { type CompiledCatalog, compileDuckdb, compileOnline, type OnlineRow } from '../../src/features/index.ts';
import type { Warehouse } from '../../src/platform/index.ts';
import { BOOK_TABLES, type Book } from './features-random-book.ts';

/** Puts a book into the warehouse as tables of a schema named `book`. */
export async function loadBook(warehouse: Warehouse, book: Book): Promise<void> {
  await warehouse.run('DROP SCHEMA IF EXISTS book CASCADE');
  await warehouse.run('CREATE SCHEMA book');
  for (const table of BOOK_TABLES) await loadTable(warehouse, table, book[table.name] ?? []);
}

async function loadTable(warehouse: Warehouse, table: TableSchema, rows: readonly OnlineRow[]): Promise<void> {
  const columns = table.columns.map((column) => `"${column.name}" ${DUCKDB_TYPES[column.type]}`);
  await warehouse.run(`CREATE TABLE book."${table.name}" (${columns.join(', ')}, source_row BIGINT)`);
  if (rows.length === 0) return;
  const literals = rows.map(
    (row, i) => `(${[...table.columns.map((column) => literal(row[column.name])), i].join(', ')})`,
  );
  await warehouse.run(`INSERT INTO book."${table.name}" VALUES ${literals.join(', ')}`);
}

function literal(value: OnlineRow[string]): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `CAST('${value}' AS DOUBLE)`;
}

export const inBook = (name: string): string => `book."${name}"`;

export async function batchValues(
  warehouse: Warehouse,
  catalog: FeatureCatalog,
  rewrite: (sql: string) => string = (sql) => sql,
): Promise<Map<string, FeatureRow>> {
  const compiled: CompiledCatalog = compileDuckdb(catalog, BOOK_TABLES, { relation: inBook });
  for (const group of compiled.groups)
    await warehouse.run(`CREATE OR REPLACE TABLE ${group.relation} AS ${rewrite(group.sql)}`);
  const rows = await warehouse.rows<Record<string, string | number | null>>(compiled.join);
  const names = catalog.features.map((feature) => feature.name);
  return new Map(
    rows.map((row) => [
      String(row['application_id']),
      Object.fromEntries(names.map((name) => [name, row[name] ?? null])),
    ]),
  );
}

export function onlineValues(catalog: FeatureCatalog, book: Book): Map<string, FeatureRow> {
  const evaluator = compileOnline(catalog, BOOK_TABLES);
  const { loan_applications: applications = [], transactions = [], cards = [], ...lookups } = book;
  return new Map(
    applications.map((application) => [
      String(application['application_id']),
      evaluator.evaluate({
        application,
        lookups,
        events: { transactions, cards },
        asOf: String(application['applied_at']),
      }),
    ]),
  );
}

export type Difference = {
  readonly application: string;
  readonly feature: string;
  readonly left: unknown;
  readonly right: unknown;
};

/** Cells that are not the same value; -0 and 0 are. */
export function differences(
  left: ReadonlyMap<string, FeatureRow>,
  right: ReadonlyMap<string, FeatureRow>,
): Difference[] {
  return [...left].flatMap(([application, row]) =>
    Object.entries(row)
      .filter(([feature, value]) => value !== right.get(application)?.[feature])
      .map(([feature, value]) => ({ application, feature, left: value, right: right.get(application)?.[feature] })),
  );
}
