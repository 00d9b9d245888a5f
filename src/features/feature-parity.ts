import { AssayError, type FeatureValue, type TableSchema } from '../domain/index.ts';
import type { FactReader, ResultColumn, Warehouse } from '../platform/index.ts';
import { FEATURES_KEY, type FeatureContext } from './build-features.ts';
import { checkCatalog } from './check-catalog.ts';
import { type FactDifference, factDifferences } from './fact-differences.ts';
import { openLakeFacts } from './lake-facts.ts';
import type { OnlineRow } from './online/columns.ts';
import { compileOnline } from './online/evaluate-online.ts';
import { compileStoredHistory } from './online/stored-history.ts';
import { createProcessedViews, inSchema, quotedPath, requireKey, withSchema } from './processed-views.ts';
import { duckdbDialect } from './sql/dialect.ts';

/** Mismatches listed in a report; all are counted. */
const MAX_LISTED = 100;
/** Borrowers read in one round trip. */
const PAGE_BORROWERS = 250;

const { identifier } = duckdbDialect;

export type ParityMismatch = {
  readonly applicationId: string;
  readonly borrowerId: string;
  readonly feature: string;
  readonly batch: FeatureValue;
  readonly online: FeatureValue;
  /** Facts of this borrower that only one side has, or has otherwise; none: the computations differ. */
  readonly facts: readonly FactDifference[];
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
  /** Where the online side reads facts. Default: the processed lake, in memory. */
  readonly facts?: FactReader;
  /** Replays only this many applications, spread evenly over the book. Default: all. */
  readonly limit?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Replays loan applications through the online evaluation, each as of its own moment, and compares every cell with
 * features.parquet, exactly. Each mismatch is named, with the facts that differ.
 * @throws AssayError not_found before features are built; conflict when they were built from another lake.
 * @example const report = await featureParity({ warehouse, lake, catalog, tables, facts: store }); // report.mismatchCount must be 0
 */
export async function featureParity(options: ParityOptions): Promise<ParityReport> {
  const { warehouse, lake, catalog, tables } = options;
  await requireKey(lake, FEATURES_KEY, 'features');
  const facts = options.facts ?? (await openLakeFacts(options));
  const evaluator = compileOnline(catalog, tables);
  const history = compileStoredHistory(catalog, tables);
  const { applicationById, asOfColumn } = await readApplications(options);
  const batch = await readBatch(warehouse, lake.path(FEATURES_KEY));
  const chosen = chooseRows(batch, options.limit);
  const tally = new Tally();
  for (let from = 0; from < chosen.length; from += PAGE_BORROWERS) {
    options.onProgress?.(from, chosen.length);
    const page = chosen.slice(from, from + PAGE_BORROWERS);
    const { book, borrowers } = await facts.factsOf([...new Set(page.map((row) => row.borrowerId))], history.tables);
    const references = await facts.references(book, history.tables);
    for (const { place, applicationId, borrowerId } of page) {
      const application = applicationById.get(applicationId) ?? stale(applicationId);
      const asOf = String(application[asOfColumn]);
      const input = history.inputFor({ application, facts: borrowers.get(borrowerId)!, references, asOf });
      for (const [feature, online] of Object.entries(evaluator.evaluate(input)))
        tally.compare({ applicationId, borrowerId, feature, batch: batch.value(feature, place), online });
    }
  }
  options.onProgress?.(chosen.length, chosen.length);
  return tally.report(chosen.length, await factDifferences({ ...options, facts }, tally.borrowerIds()));
}

type ChosenRow = { readonly place: number; readonly applicationId: string; readonly borrowerId: string };

/** Rows to replay, those of one borrower together. */
function chooseRows(batch: Batch, limit = batch.rowCount): ChosenRow[] {
  const total = Math.min(batch.rowCount, limit);
  const places = Array.from({ length: total }, (_, i) => Math.floor((i * batch.rowCount) / total));
  const rows = places.map((place) => ({
    place,
    applicationId: String(batch.value('application_id', place)),
    borrowerId: String(batch.value('borrower_id', place)),
  }));
  return rows.sort((a, b) => (a.borrowerId < b.borrowerId ? -1 : a.borrowerId > b.borrowerId ? 1 : 0));
}

function stale(applicationId: string): never {
  throw new AssayError('conflict', {
    what: 'features.parquet holds a loan application that the processed lake does not',
    given: applicationId,
    fix: 'build the features again (assay features build)',
  });
}

/** The spine's rows as an API would send them. */
async function readApplications(
  options: ParityOptions,
): Promise<{ applicationById: ReadonlyMap<string, OnlineRow>; asOfColumn: string }> {
  const { warehouse, catalog, tables } = options;
  const { spine } = checkCatalog(catalog, tables);
  const schema = 'feature_parity';
  const rows = await withSchema(warehouse, schema, async () => {
    await createProcessedViews(options, schema, [spine]);
    return warehouse.rows<OnlineRow>(`SELECT ${apiColumns(spine)} FROM ${inSchema(schema)(spine.name)}`);
  });
  return {
    applicationById: new Map(rows.map((row) => [String(row['application_id']), row])),
    asOfColumn: spine.eventTime!,
  };
}

/** Dates and times as ISO text. */
function apiColumns({ columns }: TableSchema): string {
  const selected = columns.map(({ name, type }) => {
    const column = identifier(name);
    if (type === 'timestamp') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%f') AS ${column}`;
    return type === 'date' ? `strftime(${column}, '%Y-%m-%d') AS ${column}` : column;
  });
  return selected.join(', ');
}

type Cell = Omit<ParityMismatch, 'facts'>;

class Tally {
  #cells = 0;
  #mismatchCount = 0;
  readonly #byFeature: Record<string, number> = {};
  readonly #mismatches: Cell[] = [];

  compare(cell: Cell): void {
    this.#cells++;
    if (cell.batch === cell.online) return;
    this.#mismatchCount++;
    this.#byFeature[cell.feature] = (this.#byFeature[cell.feature] ?? 0) + 1;
    if (this.#mismatches.length < MAX_LISTED) this.#mismatches.push(cell);
  }

  /** Of the listed mismatches. */
  borrowerIds(): string[] {
    return [...new Set(this.#mismatches.map(({ borrowerId }) => borrowerId))];
  }

  report(applications: number, facts: ReadonlyMap<string, readonly FactDifference[]>): ParityReport {
    return {
      applications,
      cells: this.#cells,
      mismatchCount: this.#mismatchCount,
      byFeature: this.#byFeature,
      mismatches: this.#mismatches.map((cell) => ({ ...cell, facts: facts.get(cell.borrowerId) ?? [] })),
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
