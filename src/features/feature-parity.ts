import { AssayError, type FeatureValue } from '../domain/index.ts';
import type { ResultColumn, Warehouse } from '../platform/index.ts';
import { openBorrowerHistory, readRows } from './borrower-history.ts';
import { FEATURES_KEY, type FeatureContext } from './build-features.ts';
import { checkCatalog } from './check-catalog.ts';
import type { OnlineRow } from './online/columns.ts';
import { compileOnline } from './online/evaluate-online.ts';
import { createProcessedViews, quotedPath, requireKey, withSchema } from './processed-views.ts';

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
  const history = await openBorrowerHistory(options);
  const { applicationById, asOfColumn } = await readApplications(options);
  const batch = await readBatch(warehouse, lake.path(FEATURES_KEY));
  const tally = new Tally();
  const total = Math.min(batch.rowCount, options.limit ?? batch.rowCount);
  for (let i = 0; i < total; i++) {
    const row = Math.floor((i * batch.rowCount) / total);
    const applicationId = String(batch.value('application_id', row));
    const application = applicationById.get(applicationId);
    if (!application) throw stale(applicationId);
    const online = evaluator.evaluate(history.inputFor(application, String(application[asOfColumn])));
    for (const [feature, value] of Object.entries(online))
      tally.compare(applicationId, feature, batch.value(feature, row), value);
    if (i % 500 === 0) options.onProgress?.(i, total);
  }
  options.onProgress?.(total, total);
  return tally.report(total);
}

function stale(applicationId: string): AssayError {
  return new AssayError('conflict', {
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
    return readRows(warehouse, schema, spine);
  });
  return {
    applicationById: new Map(rows.map((row) => [String(row['application_id']), row])),
    asOfColumn: spine.eventTime!,
  };
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
