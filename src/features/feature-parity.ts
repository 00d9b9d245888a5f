import type { FeatureValue, TableSchema } from '../domain/index.ts';
import type { ResultColumn, Warehouse } from '../platform/index.ts';
import { FEATURES_KEY, type FeatureContext } from './build-features.ts';
import { checkCatalog } from './check-catalog.ts';
import type { EventColumn, EventColumns, OnlineRow } from './online/columns.ts';
import { compileOnline, type OnlineInput } from './online/evaluate-online.ts';
import { createProcessedViews, inSchema, quotedPath, requireKey, withSchema } from './processed-views.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier, microseconds } = duckdbDialect;

/** Mismatches listed in a report; all are counted. */
const MAX_LISTED = 100;

export type ParityMismatch = {
  readonly applicationId: string;
  readonly feature: string;
  readonly batch: FeatureValue;
  readonly online: FeatureValue;
};

export type ParityReport = {
  readonly applications: number;
  readonly cells: number;
  readonly mismatchCount: number;
  /** Mismatches by feature, only those that have any. */
  readonly byFeature: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly mismatches: readonly ParityMismatch[];
};

export type ParityOptions = FeatureContext & {
  /** Replays only this many applications, spread evenly over the book. Default: all. */
  readonly limit?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Replays loan applications through the online evaluation and compares every cell with features.parquet, exactly.
 * @throws AssayError not_found before features are built.
 * @example const report = await featureParity({ warehouse, lake, catalog, tables }); // report.mismatchCount must be 0
 */
export async function featureParity(options: ParityOptions): Promise<ParityReport> {
  const { warehouse, lake, catalog, tables } = options;
  await requireKey(lake, FEATURES_KEY, 'features');
  const evaluator = compileOnline(catalog, tables);
  const schema = 'feature_parity';
  return withSchema(warehouse, schema, async () => {
    await createProcessedViews(options, schema, tables);
    const replay = await openReplay(options, schema, evaluator);
    const batch = await readBatch(warehouse, lake.path(FEATURES_KEY));
    const tally = new Tally();
    const total = Math.min(batch.rowCount, options.limit ?? batch.rowCount);
    for (let i = 0; i < total; i++) {
      const row = Math.floor((i * batch.rowCount) / total);
      const applicationId = String(batch.value('application_id', row));
      const online = evaluator.evaluate(replay(applicationId));
      for (const [feature, value] of Object.entries(online))
        tally.compare(applicationId, feature, batch.value(feature, row), value);
      if (i % 500 === 0) options.onProgress?.(i, total);
    }
    options.onProgress?.(total, total);
    return tally.report(total);
  });
}

class Tally {
  #cells = 0;
  #mismatchCount = 0;
  readonly #byFeature: Record<string, number> = {};
  readonly #mismatches: ParityMismatch[] = [];

  compare(applicationId: string, feature: string, batch: FeatureValue, online: FeatureValue): void {
    this.#cells++;
    if (batch === online) return;
    this.#mismatchCount++;
    this.#byFeature[feature] = (this.#byFeature[feature] ?? 0) + 1;
    if (this.#mismatches.length < MAX_LISTED) this.#mismatches.push({ applicationId, feature, batch, online });
  }

  report(applications: number): ParityReport {
    return {
      applications,
      cells: this.#cells,
      mismatchCount: this.#mismatchCount,
      byFeature: this.#byFeature,
      mismatches: this.#mismatches,
    };
  }
}

type Batch = { readonly rowCount: number; readonly value: (name: string, row: number) => FeatureValue };

async function readBatch(warehouse: Warehouse, path: string): Promise<Batch> {
  const { rowCount, columns } = await warehouse.columns(
    `SELECT * EXCLUDE (as_of) FROM read_parquet(${quotedPath(path)}) ORDER BY source_row, application_id`,
  );
  const byName = new Map(columns.map((column) => [column.name, column]));
  return { rowCount, value: (name, row) => cellOf(byName.get(name), row) };
}

/** Undefined columns (a feature not in the file) read as null and so show as mismatches. */
function cellOf(column: ResultColumn | undefined, row: number): FeatureValue {
  if (!column) return null;
  if (column.kind === 'text') return column.values[row] ?? null;
  const value = column.values[row]!;
  return Number.isNaN(value) ? null : value;
}

type Evaluator = ReturnType<typeof compileOnline>;

/** Loads the tables once and gives each application what an online store would. */
async function openReplay(
  options: ParityOptions,
  schema: string,
  evaluator: Evaluator,
): Promise<(applicationId: string) => OnlineInput> {
  const { warehouse, catalog, tables } = options;
  const { spine } = checkCatalog(catalog, tables);
  const asOf = spine.eventTime!;
  const applications = await warehouse.rows<OnlineRow>(selectRows(schema, spine));
  const byId = new Map(applications.map((row) => [String(row['application_id']), row]));
  const lookups = new Map<string, readonly OnlineRow[]>();
  const events = new Map<string, (borrowerId: string) => EventColumns>();
  for (const table of tables) {
    if (evaluator.lookupTables.includes(table.name))
      lookups.set(table.name, await warehouse.rows<OnlineRow>(selectRows(schema, table)));
    const needed = evaluator.eventColumns[table.name];
    if (needed) events.set(table.name, await eventsByBorrower(warehouse, schema, table, needed));
  }
  const find = lookupIndex(lookups);
  return (applicationId) => {
    const application = byId.get(applicationId)!;
    const borrowerId = String(application['borrower_id']);
    return {
      application,
      lookups: find,
      events: Object.fromEntries([...events].map(([name, of]) => [name, of(borrowerId)])),
      asOf: String(application[asOf]),
    };
  };
}

function selectRows(schema: string, table: TableSchema): string {
  const columns = table.columns.map(({ name, type }) => {
    const column = identifier(name);
    if (type === 'timestamp') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%f') AS ${column}`;
    return type === 'date' ? `strftime(${column}, '%Y-%m-%d') AS ${column}` : column;
  });
  return `SELECT ${columns.join(', ')} FROM ${inSchema(schema)(table.name)}`;
}

function lookupIndex(tables: ReadonlyMap<string, readonly OnlineRow[]>) {
  const indexes = new Map<string, Map<string | number | boolean, OnlineRow[]>>();
  return (table: string, column: string, key: string | number | boolean): readonly OnlineRow[] => {
    const name = `${table}.${column}`;
    const index = indexes.get(name) ?? indexBy(tables.get(table) ?? [], column);
    indexes.set(name, index);
    return index.get(key) ?? [];
  };
}

function indexBy(rows: readonly OnlineRow[], column: string): Map<string | number | boolean, OnlineRow[]> {
  const index = new Map<string | number | boolean, OnlineRow[]>();
  for (const row of rows) {
    const key = row[column];
    if (key === null || key === undefined) continue;
    const list = index.get(key);
    if (list) list.push(row);
    else index.set(key, [row]);
  }
  return index;
}

async function eventsByBorrower(
  warehouse: Warehouse,
  schema: string,
  table: TableSchema,
  needed: readonly string[],
): Promise<(borrowerId: string) => EventColumns> {
  const selected = needed.map((name) => `${valueSql(table, name)} AS ${identifier(`value_${name}`)}`);
  const { rowCount, columns } = await warehouse.columns(
    `SELECT borrower_id, ${selected.join(', ')} FROM ${inSchema(schema)(table.name)} ORDER BY borrower_id`,
  );
  const owners = columns.find((column) => column.name === 'borrower_id');
  const spans = owners?.kind === 'text' ? spansOf(owners.values) : new Map<string, readonly [number, number]>();
  const values = new Map(columns.map((column) => [column.name, column.values]));
  return (borrowerId) => {
    const [from, to] = spans.get(borrowerId) ?? [rowCount, rowCount];
    const slice = (name: string): EventColumn => {
      const column = values.get(`value_${name}`)!;
      return column instanceof Float64Array ? column.subarray(from, to) : column.slice(from, to);
    };
    return { rowCount: to - from, columns: Object.fromEntries(needed.map((name) => [name, slice(name)])) };
  };
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
