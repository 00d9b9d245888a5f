import { DUCKDB_TYPES, type FeatureRow, type FeatureValue, type TableSchema } from '../domain/index.ts';
import type { ResultColumn, Warehouse } from '../platform/index.ts';
import { computeGroups, type FeatureContext } from './build-features.ts';
import { catalogHash, checkCatalog } from './check-catalog.ts';
import { createProcessedViews, inSchema, withSchema } from './processed-views.ts';
import { compileDuckdb } from './sql/compile-sql.ts';
import { duckdbDialect } from './sql/dialect.ts';

/** Mismatches listed in a report; all are counted. */
const MAX_LISTED = 100;
/** Decisions computed by one query. */
const PAGE_DECISIONS = 10_000;
const SCHEMA = 'decision_parity';

const { identifier } = duckdbDialect;

/** What a record says of the features a decision was made from. */
export type LoggedDecision = {
  readonly decisionId: string;
  readonly borrowerId: string;
  /** The instant it saw the world as of, ISO 8601 in UTC. */
  readonly asOf: string;
  readonly catalogHash: string;
  readonly columns: Readonly<Record<string, FeatureValue>>;
  readonly features: FeatureRow;
};

export type DecisionMismatch = {
  readonly decisionId: string;
  readonly borrowerId: string;
  readonly asOf: string;
  readonly feature: string;
  readonly recorded: FeatureValue;
  readonly batch: FeatureValue;
};

export type DecisionParityReport = {
  readonly decisions: number;
  /** Made with another feature catalog than this program's: not compared. */
  readonly otherCatalog: number;
  readonly cells: number;
  readonly mismatchCount: number;
  readonly byFeature: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly mismatches: readonly DecisionMismatch[];
};

/**
 * Computes the features of logged decisions by the batch path (DuckDB over the processed lake), each as of its own instant and as
 * known before it, and compares every cell with the recorded one, exactly. What was streamed is seen once the pipeline has taken
 * it into the lake.
 * @param decisions pages of records, in any order
 * @example await decisionParity({ warehouse, lake, catalog, tables }, pages); // mismatchCount must be 0
 */
export async function decisionParity(
  context: FeatureContext,
  decisions: AsyncIterable<readonly LoggedDecision[]>,
): Promise<DecisionParityReport> {
  const hash = catalogHash(context.catalog);
  const tally = new Tally();
  let waiting: LoggedDecision[] = [];
  for await (const page of decisions) {
    const comparable = page.filter((decision) => decision.catalogHash === hash);
    tally.otherCatalog += page.length - comparable.length;
    waiting.push(...comparable);
    if (waiting.length < PAGE_DECISIONS) continue;
    await comparePage(context, waiting, tally);
    waiting = [];
  }
  await comparePage(context, waiting, tally);
  return tally.report();
}

async function comparePage(context: FeatureContext, page: readonly LoggedDecision[], tally: Tally): Promise<void> {
  if (page.length === 0) return;
  const { warehouse, catalog, tables } = context;
  const { spine } = checkCatalog(catalog, tables);
  const compiled = compileDuckdb(catalog, tables, { relation: inSchema(SCHEMA) });
  await withSchema(warehouse, SCHEMA, async () => {
    const others = tables.filter(({ name }) => name !== spine.name);
    await createProcessedViews(context, SCHEMA, others);
    await writeSpine(warehouse, spine, page);
    await computeGroups(warehouse, compiled);
    const { columns } = await warehouse.columns(`SELECT * FROM (${compiled.join}) features ORDER BY source_row`);
    const byName = new Map(columns.map((column) => [column.name, column]));
    for (const [place, decision] of page.entries()) {
      for (const { name } of catalog.features) tally.compare(decision, name, cellOf(byName.get(name)!, place));
    }
  });
}

/** The applications as rows of the spine: the decision for the application's id, its instant for the time it was made. */
async function writeSpine(warehouse: Warehouse, spine: TableSchema, page: readonly LoggedDecision[]): Promise<void> {
  const table = inSchema(SCHEMA)(spine.name);
  const staged = `${SCHEMA}.decisions`;
  const names = spine.columns.map(({ name }) => identifier(name));
  await warehouse.run(
    `CREATE TABLE ${staged} (${names.map((name) => `${name} VARCHAR`).join(', ')}, source_row BIGINT)`,
  );
  const cells = spine.columns.map(({ name }) => page.map((decision) => textOf(spineCell(spine, decision, name))));
  await warehouse.append(staged, [...cells, page.map((_, i) => i)]);
  const typed = spine.columns.map(
    ({ name, type }) => `CAST(${identifier(name)} AS ${DUCKDB_TYPES[type]}) AS ${identifier(name)}`,
  );
  await warehouse.run(`CREATE TABLE ${table} AS SELECT ${typed.join(', ')}, source_row FROM ${staged}`);
}

function spineCell({ eventTime }: TableSchema, decision: LoggedDecision, name: string): FeatureValue {
  if (name === 'application_id') return decision.decisionId;
  if (name === 'borrower_id') return decision.borrowerId;
  if (name === eventTime) return decision.asOf.replace('Z', '');
  return decision.columns[name] ?? null;
}

/** Numbers in the shortest text that is read back as the same bits. */
const textOf = (value: FeatureValue): string | null => (value === null ? null : String(value));

function cellOf(column: ResultColumn, row: number): FeatureValue {
  if (column.kind === 'text') return column.values[row] ?? null;
  const value = column.values[row]!;
  // a record is JSON, which has no negative zero
  return Number.isNaN(value) ? null : value === 0 ? 0 : value;
}

class Tally {
  otherCatalog = 0;
  #cells = 0;
  #mismatchCount = 0;
  readonly #decisions = new Set<string>();
  readonly #byFeature: Record<string, number> = {};
  readonly #mismatches: DecisionMismatch[] = [];

  compare({ decisionId, borrowerId, asOf, features }: LoggedDecision, feature: string, batch: FeatureValue): void {
    this.#cells++;
    this.#decisions.add(decisionId);
    const recorded = features[feature] ?? null;
    if (recorded === batch) return;
    this.#mismatchCount++;
    this.#byFeature[feature] = (this.#byFeature[feature] ?? 0) + 1;
    if (this.#mismatches.length >= MAX_LISTED) return;
    this.#mismatches.push({ decisionId, borrowerId, asOf, feature, recorded, batch });
  }

  report(): DecisionParityReport {
    return {
      decisions: this.#decisions.size,
      otherCatalog: this.otherCatalog,
      cells: this.#cells,
      mismatchCount: this.#mismatchCount,
      byFeature: this.#byFeature,
      mismatches: this.#mismatches,
    };
  }
}
