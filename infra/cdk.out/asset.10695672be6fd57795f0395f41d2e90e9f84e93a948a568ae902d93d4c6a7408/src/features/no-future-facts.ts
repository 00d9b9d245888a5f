import { AssayError, type FieldIssue, type TableSchema } from '../domain/index.ts';
import { computeGroups, type FeatureContext } from './build-features.ts';
import { checkCatalog } from './check-catalog.ts';
import { createProcessedViews, inSchema, withSchema } from './processed-views.ts';
import { SPINE_TABLE } from './references.ts';
import { type CompiledCatalog, compileDuckdb } from './sql/compile-sql.ts';
import { duckdbDialect } from './sql/dialect.ts';

const { identifier } = duckdbDialect;

/** Applications of one borrower that are checked, oldest first. */
const MAX_ROUNDS = 4;

export type NoFutureOptions = FeatureContext & {
  /** The compiler to judge; default: the one that builds features. */
  readonly compile?: (relation: (name: string) => string) => CompiledCatalog;
};

export type NoFutureReport = { readonly applications: number; readonly features: number; readonly cells: number };

/**
 * Proof by experiment that no feature sees the future: computes all features over the whole lake, and again over a lake from
 * which, per application, every fact at or after asOf has been removed. Any cell that differs saw a fact it could not have
 * known. Also refuses timestamped facts said to be known before they happened, which would slip through.
 * @throws AssayError bad_input naming each leaking feature or table with the number of applications or rows.
 */
export async function assertNoFutureFacts(options: NoFutureOptions): Promise<NoFutureReport> {
  const { warehouse, catalog, tables } = options;
  const { spine } = checkCatalog(catalog, tables);
  const compile = options.compile ?? ((relation) => compileDuckdb(catalog, tables, { relation }));
  const names = catalog.features.map((feature) => feature.name);
  return withSchema(warehouse, 'future_all', () =>
    withSchema(warehouse, 'future_past', async () => {
      await createProcessedViews(options, 'future_all', tables);
      const issues = await knownTooEarly(options);
      await materialize(options, 'future_all', compile);
      let applications = 0;
      for (let round = 1; round <= MAX_ROUNDS; round++) {
        const count = await truncate(options, spine, round);
        if (count === 0) break;
        applications += count;
        await materialize(options, 'future_past', compile);
        issues.push(...(await differences(options, names, round)));
      }
      if (issues.length > 0) throw leak(issues);
      return { applications, features: names.length, cells: applications * names.length };
    }),
  );
}

async function materialize(
  { warehouse }: FeatureContext,
  schema: string,
  compile: NonNullable<NoFutureOptions['compile']>,
): Promise<void> {
  const relation = inSchema(schema);
  const compiled = compile(relation);
  await computeGroups(warehouse, compiled);
  await warehouse.run(`CREATE OR REPLACE TABLE ${relation('result')} AS ${compiled.join}`);
}

async function knownTooEarly({ warehouse, tables }: FeatureContext): Promise<FieldIssue[]> {
  const issues: FieldIssue[] = [];
  for (const table of tables) {
    const { eventTime, knownTime } = table;
    const event = table.columns.find((column) => column.name === eventTime);
    // A date is a whole day; only a timestamp can be compared with when it was known.
    if (!eventTime || !knownTime || event?.type !== 'timestamp') continue;
    const [counted] = await warehouse.rows<{ n: number }>(
      `SELECT COUNT(*) AS n FROM ${inSchema('future_all')(table.name)} WHERE ${identifier(knownTime)} < ${identifier(eventTime)}`,
    );
    if (counted && counted.n > 0)
      issues.push({ path: table.name, message: `${counted.n} rows are said to be known before they happened` });
  }
  return issues;
}

/** Views of the past: for each borrower's application number `round`, only facts before its asOf. Returns how many there are. */
async function truncate({ warehouse, tables }: FeatureContext, spine: TableSchema, round: number): Promise<number> {
  const all = inSchema('future_all');
  const past = inSchema('future_past');
  const time = identifier(spine.eventTime!);
  await warehouse.run(`CREATE OR REPLACE TABLE ${past('ranked')} AS
SELECT application_id, borrower_id, ${time} AS as_of, ROW_NUMBER() OVER (PARTITION BY borrower_id ORDER BY ${time}, application_id) AS round
FROM ${all(SPINE_TABLE)}`);
  for (const table of tables)
    await warehouse.run(`CREATE OR REPLACE VIEW ${past(table.name)} AS ${pastOf(table, round)}`);
  const [counted] = await warehouse.rows<{ n: number }>(
    `SELECT COUNT(*) AS n FROM ${past('ranked')} WHERE round = ${round}`,
  );
  return counted?.n ?? 0;
}

function pastOf(table: TableSchema, round: number): string {
  const all = inSchema('future_all');
  const ranked = inSchema('future_past')('ranked');
  if (table.name === SPINE_TABLE) {
    return `SELECT t.* FROM ${all(table.name)} t JOIN ${ranked} r ON r.application_id = t.application_id WHERE r.round <= ${round}`;
  }
  const times = [table.eventTime, table.knownTime].filter((name) => name !== undefined);
  const perBorrower = table.columns.some((column) => column.name === 'borrower_id');
  if (!perBorrower) {
    const last = `(SELECT MAX(as_of) FROM ${ranked} WHERE round = ${round})`;
    return `SELECT t.* FROM ${all(table.name)} t WHERE ${['1 = 1', ...times.map((name) => `t.${identifier(name)} < ${last}`)].join(' AND ')}`;
  }
  const known = times.map((name) => ` AND t.${identifier(name)} < r.as_of`).join('');
  return `SELECT t.* FROM ${all(table.name)} t JOIN ${ranked} r ON r.borrower_id = t.borrower_id AND r.round = ${round}${known}`;
}

async function differences(
  { warehouse }: FeatureContext,
  names: readonly string[],
  round: number,
): Promise<FieldIssue[]> {
  const past = inSchema('future_past');
  const counts = names.map(
    (name) =>
      `COUNT(CASE WHEN a.${identifier(name)} IS DISTINCT FROM b.${identifier(name)} THEN 1 END) AS ${identifier(name)}`,
  );
  const [row] = await warehouse.rows<Record<string, number>>(
    `SELECT ${counts.join(', ')} FROM ${past('ranked')} r
JOIN ${inSchema('future_all')('result')} a ON a.application_id = r.application_id
JOIN ${past('result')} b ON b.application_id = r.application_id
WHERE r.round = ${round}`,
  );
  return names.flatMap((name) => {
    const count = row?.[name] ?? 0;
    return count > 0
      ? [{ path: name, message: `changes for ${count} applications when facts from after asOf are removed` }]
      : [];
  });
}

function leak(issues: readonly FieldIssue[]): AssayError {
  return new AssayError('bad_input', {
    what: 'features see facts from the future',
    given: issues
      .slice(0, 5)
      .map((issue) => `${issue.path}: ${issue.message}`)
      .join(' | '),
    allowed: 'facts that happened and were known strictly before asOf',
    fix: 'correct known_at in the source mapping, or the compiler',
    issues,
  });
}
