import type { FeatureCatalog, TableSchema } from '../domain/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import type { EventColumn, EventColumns, OnlineRow } from './online/columns.ts';
import { compileOnline, type OnlineInput } from './online/evaluate-online.ts';
import { createProcessedViews, inSchema, withSchema } from './processed-views.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier, microseconds } = duckdbDialect;

/** Facts of the processed lake by borrower, held in memory by column: what an online evaluation needs, at once. */
export type BorrowerHistory = {
  /**
   * Time up to which the events are complete, microseconds since 1970; null where the catalog reads none. That is the last fact
   * known of the feed that lies furthest back; tables partitioned by time count as feeds, and where there is none, all tables.
   */
  readonly horizonMicroseconds: number | null;
  /** Whether there is anything about this borrower; always true where the catalog looks into no other table. */
  readonly knows: (borrowerId: string) => boolean;
  /** Events of this borrower, all tables together. */
  readonly eventCount: (borrowerId: string) => number;
  readonly inputFor: (application: OnlineRow, asOf: string) => OnlineInput;
};

/** Loads what the catalog reads, and nothing else, of every borrower. */
export async function openBorrowerHistory(context: {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
}): Promise<BorrowerHistory> {
  const evaluator = compileOnline(context.catalog, context.tables);
  const schema = 'borrower_history';
  return withSchema(context.warehouse, schema, async () => {
    const needed = context.tables.filter(
      ({ name }) => evaluator.lookupTables.includes(name) || evaluator.eventColumns[name],
    );
    await createProcessedViews(context, schema, needed);
    const lookups = new Map<string, readonly OnlineRow[]>();
    const events = new Map<string, BorrowerEvents>();
    for (const table of needed) {
      if (evaluator.lookupTables.includes(table.name))
        lookups.set(table.name, await readRows(context.warehouse, schema, table));
      const columns = evaluator.eventColumns[table.name];
      if (columns) events.set(table.name, await readEvents(context.warehouse, schema, table, columns));
    }
    return historyOf(lookups, events);
  });
}

function historyOf(
  lookups: ReadonlyMap<string, readonly OnlineRow[]>,
  events: ReadonlyMap<string, BorrowerEvents>,
): BorrowerHistory {
  const find = lookupIndex(lookups);
  const eventCount = (borrowerId: string): number =>
    [...events.values()].reduce((sum, table) => sum + table.of(borrowerId).rowCount, 0);
  const isBorrower = (borrowerId: string): boolean =>
    lookups.has('borrowers') && find('borrowers', 'borrower_id', borrowerId).length > 0;
  return {
    horizonMicroseconds: horizonOf([...events.values()]),
    knows: (borrowerId) =>
      (lookups.size === 0 && events.size === 0) || isBorrower(borrowerId) || eventCount(borrowerId) > 0,
    eventCount,
    inputFor: (application, asOf) => ({
      application,
      lookups: find,
      events: Object.fromEntries(
        [...events].map(([name, table]) => [name, table.of(String(application['borrower_id']))]),
      ),
      asOf,
    }),
  };
}

function horizonOf(tables: readonly BorrowerEvents[]): number | null {
  const lastOf = (some: readonly BorrowerEvents[]): number[] =>
    some.map((table) => table.lastMicroseconds).filter((time) => time !== null);
  const feeds = lastOf(tables.filter((table) => table.isFeed));
  if (feeds.length > 0) return Math.min(...feeds);
  const all = lastOf(tables);
  return all.length === 0 ? null : Math.max(...all);
}

/** Rows as an API would send them: dates and times as ISO text. */
export async function readRows(warehouse: Warehouse, schema: string, table: TableSchema): Promise<OnlineRow[]> {
  const columns = table.columns.map(({ name, type }) => {
    const column = identifier(name);
    if (type === 'timestamp') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%f') AS ${column}`;
    return type === 'date' ? `strftime(${column}, '%Y-%m-%d') AS ${column}` : column;
  });
  return warehouse.rows<OnlineRow>(`SELECT ${columns.join(', ')} FROM ${inSchema(schema)(table.name)}`);
}

type Key = string | number | boolean;

function lookupIndex(tables: ReadonlyMap<string, readonly OnlineRow[]>) {
  const indexes = new Map<string, Map<Key, OnlineRow[]>>();
  return (table: string, column: string, key: Key): readonly OnlineRow[] => {
    const name = `${table}.${column}`;
    const index = indexes.get(name) ?? indexBy(tables.get(table) ?? [], column);
    indexes.set(name, index);
    return index.get(key) ?? [];
  };
}

function indexBy(rows: readonly OnlineRow[], column: string): Map<Key, OnlineRow[]> {
  const index = new Map<Key, OnlineRow[]>();
  for (const row of rows) {
    const key = row[column];
    if (key === null || key === undefined) continue;
    const list = index.get(key);
    if (list) list.push(row);
    else index.set(key, [row]);
  }
  return index;
}

type BorrowerEvents = {
  readonly isFeed: boolean;
  readonly lastMicroseconds: number | null;
  readonly of: (borrowerId: string) => EventColumns;
};

async function readEvents(
  warehouse: Warehouse,
  schema: string,
  table: TableSchema,
  needed: readonly string[],
): Promise<BorrowerEvents> {
  const selected = needed.map((name) => `${valueSql(table, name)} AS ${identifier(`value_${name}`)}`);
  const relation = inSchema(schema)(table.name);
  const { rowCount, columns } = await warehouse.columns(
    `SELECT borrower_id, ${selected.join(', ')} FROM ${relation} ORDER BY borrower_id`,
  );
  const [owners, ...values] = columns;
  const spans = spansOf(owners?.kind === 'text' ? owners.values : []);
  const byName = new Map(needed.map((name, index) => [name, values[index]?.values ?? []]));
  const slice = (name: string, from: number, to: number): EventColumn => {
    const column = byName.get(name) ?? [];
    return column instanceof Float64Array ? column.subarray(from, to) : column.slice(from, to);
  };
  return {
    isFeed: table.partitionBy !== undefined,
    lastMicroseconds: await lastKnown(warehouse, relation, table),
    of: (borrowerId) => {
      const [from, to] = spans.get(borrowerId) ?? [rowCount, rowCount];
      return { rowCount: to - from, columns: Object.fromEntries(needed.map((name) => [name, slice(name, from, to)])) };
    },
  };
}

async function lastKnown(warehouse: Warehouse, relation: string, table: TableSchema): Promise<number | null> {
  const column = table.knownTime ?? table.eventTime;
  if (column === undefined) return null;
  const [row] = await warehouse.rows<{ last: number | null }>(
    `SELECT MAX(${microseconds(identifier(column))}) AS last FROM ${relation}`,
  );
  return row?.last ?? null;
}

function valueSql(table: TableSchema, name: string): string {
  const type = table.columns.find((column) => column.name === name)!.type;
  if (type === 'date' || type === 'timestamp') return microseconds(identifier(name));
  return type === 'boolean' ? `CAST(${identifier(name)} AS INTEGER)` : identifier(name);
}

/** First and last-plus-one position of each value in a sorted column. */
function spansOf(sorted: readonly (string | null)[]): Map<string, readonly [number, number]> {
  const spans = new Map<string, readonly [number, number]>();
  let from = 0;
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[from]) continue;
    const value = sorted[from];
    if (value !== null && value !== undefined) spans.set(value, [from, i]);
    from = i;
  }
  return spans;
}
