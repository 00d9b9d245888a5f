import { AssayError, type ColumnSchema, type FeatureCatalog, type TableSchema } from '../domain/index.ts';
import type { BaseBlock, Lake, Warehouse } from '../platform/index.ts';
import { compileOnline } from './online/evaluate-online.ts';
import { hasBorrower } from './online/stored-history.ts';
import { createProcessedViews, inSchema, withSchema } from './processed-views.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier, microseconds, text } = duckdbDialect;

/** Blocks handed on at a time. */
const PAGE_BLOCKS = 2_000;
const SCHEMA = 'online_pack';

export type PackContext = {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly tables: readonly TableSchema[];
};

export type PackOptions = PackContext & {
  /** Only these borrowers, and no reference tables. Default: everything. */
  readonly borrowerIds?: readonly string[];
  readonly onProgress?: (done: number, total: number, note: string) => void;
  readonly signal?: AbortSignal;
};

/**
 * The processed zone packed for the online store: one block per borrower and table, one per reference table. Values are as
 * staged: dates as days, timestamps as microseconds since 1970, money in minor units.
 */
export async function* packProcessed(options: PackOptions): AsyncGenerator<BaseBlock[]> {
  const { warehouse, onProgress, signal, borrowerIds } = options;
  const tables = borrowerIds === undefined ? options.tables : options.tables.filter(hasBorrower);
  for (const [i, table] of tables.entries()) {
    onProgress?.(i, tables.length, table.name);
    const packed = await packTable(options, table);
    try {
      for (let from = 0; from < packed.blocks; from += PAGE_BLOCKS) {
        if (signal?.aborted) throw new AssayError('cancelled', { what: 'filling the online store was cancelled' });
        yield await readPage(warehouse, table, from);
      }
    } finally {
      await warehouse.run(`DROP TABLE IF EXISTS ${packedName(table)}`);
    }
  }
  onProgress?.(tables.length, tables.length, 'packed');
}

const packedName = (table: TableSchema): string => identifier(`online_packed_${table.name}`);

async function packTable(options: PackOptions, table: TableSchema): Promise<{ blocks: number }> {
  const { warehouse, lake, borrowerIds } = options;
  const chosen = borrowerIds === undefined ? '' : `WHERE borrower_id IN (${['', ...borrowerIds].map(text).join(', ')})`;
  await withSchema(warehouse, SCHEMA, async () => {
    await createProcessedViews({ warehouse, lake }, SCHEMA, [table]);
    const owner = hasBorrower(table) ? identifier('borrower_id') : text('');
    const values = table.columns.map(stagedExpression).join(', ');
    // grouped by the owner alone: rows come in no particular order, and no feature depends on one
    await warehouse.run(`CREATE OR REPLACE TABLE ${packedName(table)} AS
      SELECT ${owner} AS owner, CAST(COUNT(*) AS INTEGER) AS facts,
        '[' || string_agg(CAST(json_array(${values}) AS VARCHAR), ',') || ']' AS rows
      FROM ${inSchema(SCHEMA)(table.name)} ${chosen} GROUP BY owner HAVING COUNT(*) > 0`);
  });
  const [counted] = await warehouse.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${packedName(table)}`);
  return { blocks: counted!.n };
}

function stagedExpression({ name, type }: ColumnSchema): string {
  const column = identifier(name);
  if (type === 'timestamp') return microseconds(column);
  return type === 'date' ? `(${column} - DATE '1970-01-01')` : column;
}

async function readPage(warehouse: Warehouse, table: TableSchema, from: number): Promise<BaseBlock[]> {
  const rows = await warehouse.rows<{ owner: string; facts: number; rows: string }>(
    `SELECT owner, facts, rows FROM ${packedName(table)} WHERE rowid >= ${from} AND rowid < ${from + PAGE_BLOCKS}`,
  );
  const columns = table.columns.map(({ name }) => name);
  return rows.map((row) => ({
    table: table.name,
    borrowerId: hasBorrower(table) ? row.owner : null,
    facts: row.facts,
    rowsJson: row.rows,
    columns,
  }));
}

/**
 * Time up to which the events a catalog reads are complete, microseconds since 1970; null where it reads none. That is the
 * last fact known of the feed that lies furthest back; tables partitioned by time count as feeds, and where there is none,
 * all tables.
 */
export async function horizonOf(context: PackContext & { readonly catalog: FeatureCatalog }): Promise<number | null> {
  const { eventColumns } = compileOnline(context.catalog, context.tables);
  const read = context.tables.filter(({ name }) => eventColumns[name] !== undefined);
  const feeds = read.filter((table) => table.partitionBy !== undefined);
  const lastOfFeeds = await lastKnown(context, feeds);
  if (lastOfFeeds.length > 0) return Math.min(...lastOfFeeds);
  const last = await lastKnown(context, read);
  return last.length === 0 ? null : Math.max(...last);
}

async function lastKnown({ warehouse, lake }: PackContext, tables: readonly TableSchema[]): Promise<number[]> {
  return withSchema(warehouse, SCHEMA, async () => {
    await createProcessedViews({ warehouse, lake }, SCHEMA, tables);
    const last: number[] = [];
    for (const table of tables) {
      const column = table.knownTime ?? table.eventTime!;
      const [row] = await warehouse.rows<{ last: number | null }>(
        `SELECT MAX(${microseconds(identifier(column))}) AS last FROM ${inSchema(SCHEMA)(table.name)}`,
      );
      if (row && row.last !== null) last.push(row.last);
    }
    return last;
  });
}
