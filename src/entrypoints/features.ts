import type { DecisionRecord, DecisionStore } from '../decisions/index.ts';
import { AssayError, type FeatureRow, type FeatureValue } from '../domain/index.ts';
import {
  type BorrowerFeatures,
  buildFeatures,
  type DecisionParityReport,
  decisionParity,
  describeCatalog,
  featureParity,
  featureScript,
  type LoggedDecision,
  narrowCatalog,
  openBorrowerFeatures,
  type ParityReport,
  type SparkParity,
  sparkParity,
  tablesOf,
  unknownFeature,
} from '../features/index.ts';
import { loadConfig } from '../platform/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import { openBookFiles } from './book-files.ts';
import type { FeaturesOptions, GetOptions, ParityCommandOptions, SqlCommandOptions } from './commands/features.ts';
import type { CommandContext } from './context.ts';
import { openSystem } from './system.ts';

const SHOWN_MISMATCHES = 20;
/** Records read at a time. */
const DECISIONS_PAGE = 500;

/** `assay features build` */
export async function buildBookFeatures(context: CommandContext, options: FeaturesOptions): Promise<void> {
  const { portfolio, lake, warehouse, close } = await openBookFiles(configOf(context), options.portfolio);
  try {
    const tables = tablesOf(portfolio);
    const { signal } = context;
    const manifest = await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables, signal });
    const { rows, catalogHash, features } = manifest;
    const text = `${portfolio.name}: ${features.length} features of ${rows} loan applications, catalog ${catalogHash.slice(0, 12)}`;
    context.print(options.json ? JSON.stringify({ rows, catalogHash, features }, null, 2) : text);
  } finally {
    await close();
  }
}

/** `assay features list` */
export async function listFeatures(context: CommandContext, options: FeaturesOptions): Promise<void> {
  const { portfolio, close } = await openBookFiles(configOf(context), options.portfolio);
  try {
    const features = describeCatalog(portfolio.features, tablesOf(portfolio));
    if (options.json) return context.print(JSON.stringify(features, null, 2));
    for (const { name, dataClass, formula, lineage } of features)
      context.print(
        `${name.padEnd(34)} ${dataClass.padEnd(14)} ${formula}\n${' '.repeat(50)}from ${lineage.join(', ')}`,
      );
  } finally {
    await close();
  }
}

/** `assay features sql` */
export async function printFeatureSql(context: CommandContext, options: SqlCommandOptions): Promise<void> {
  const { portfolio, lake, close } = await openBookFiles(configOf(context), options.portfolio);
  try {
    const { features: all } = portfolio;
    const catalog = options.feature === undefined ? all : narrowCatalog(all, options.feature);
    const { dialect } = options;
    const sql = await featureScript({ lake, catalog, tables: tablesOf(portfolio), dialect });
    context.print(options.json ? JSON.stringify({ dialect, sql }, null, 2) : sql.trimEnd());
  } finally {
    await close();
  }
}

/** `assay features get BORROWER` */
export async function getFeatures(context: CommandContext, borrowerId: string, options: GetOptions): Promise<void> {
  const { portfolio, online, close } = await openBook(context, options.portfolio);
  try {
    const catalog = portfolio.features;
    const chosen = chosenNames(
      catalog.features.map(({ name }) => name),
      options.feature,
    );
    const read = openBorrowerFeatures({ facts: online, catalog, tables: tablesOf(portfolio) });
    const { over: overDays, points } = options;
    const until = options.asOf ?? context.clock.now();
    const found = narrowed(await read({ borrowerId, until, overDays, points }), chosen);
    context.print(options.json ? JSON.stringify(found, null, 2) : tableText(found, chosen));
  } finally {
    await close();
  }
}

function chosenNames(known: readonly string[], asked: readonly string[] | undefined): readonly string[] {
  const unknown = asked?.find((name) => !known.includes(name));
  if (unknown === undefined) return asked ?? known;
  throw unknownFeature(unknown);
}

function narrowed(found: BorrowerFeatures, names: readonly string[]): BorrowerFeatures {
  const only = (features: FeatureRow): FeatureRow =>
    Object.fromEntries(names.map((name) => [name, features[name] ?? null]));
  return { ...found, rows: found.rows.map((row) => ({ ...row, features: only(row.features) })) };
}

/** One line a feature, one column an instant. */
function tableText({ borrowerId, streamedFacts, rows }: BorrowerFeatures, names: readonly string[]): string {
  const cells = (values: readonly string[]): string => values.map((value) => value.padStart(20)).join(' ');
  return [
    `borrower ${borrowerId}, ${streamedFacts} streamed facts beside the snapshot`,
    `${'as of'.padEnd(34)} ${cells(rows.map(({ asOf }) => asOf.slice(0, 19)))}`,
    `${'loan application'.padEnd(34)} ${cells(rows.map(({ applicationId }) => applicationId ?? '-'))}`,
    ...names.map((name) => `${name.padEnd(34)} ${cells(rows.map(({ features }) => shown(features[name] ?? null)))}`),
  ].join('\n');
}

const shown = (value: FeatureValue): string => (value === null ? '-' : String(value));

/** `assay features parity` */
export async function checkParity(context: CommandContext, options: ParityCommandOptions): Promise<void> {
  const { portfolio, lake, warehouse, online, close } = await openBook(context, options.portfolio);
  try {
    const book = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) };
    const { sample: limit } = options;
    const parity = await featureParity({ ...book, facts: online, ...(limit !== undefined && { limit }) });
    const python = context.environment['ASSAY_SPARK_PYTHON'] ?? 'python3';
    const spark = options.spark ? await sparkParity({ ...book, spark: { python, signal: context.signal } }) : undefined;
    context.print(
      options.json
        ? JSON.stringify({ online: parity, ...(spark && { spark }) }, null, 2)
        : [onlineText(parity), ...(spark ? [sparkText(spark)] : [])].join('\n'),
    );
    const mismatches = parity.mismatchCount + (spark?.mismatchCount ?? 0);
    if (mismatches > 0) throw differ(mismatches);
  } finally {
    await close();
  }
}

function onlineText({ applications, cells, mismatchCount, mismatches }: ParityReport): string {
  const lines = mismatches
    .slice(0, SHOWN_MISMATCHES)
    .flatMap(({ applicationId, feature, batch, online, facts }) => [
      `  ${applicationId} ${feature}: batch ${shown(batch)}, online ${shown(online)}`,
      ...facts.map(
        (fact) =>
          `    ${fact.table} ${fact.key}: ${fact.batch ? (fact.online ? 'differs' : 'only in batch') : 'only online'}`,
      ),
    ]);
  return [
    `online: ${applications} loan applications, ${cells} cells compared, ${mismatchCount} mismatches`,
    ...lines,
  ].join('\n');
}

function sparkText({ applications, cells, mismatchCount, mismatches }: SparkParity): string {
  const lines = mismatches
    .slice(0, SHOWN_MISMATCHES)
    .map(
      ({ applicationId, feature, batch, spark }) =>
        `  ${applicationId} ${feature}: batch ${batch ?? '-'}, Spark ${spark ?? '-'}`,
    );
  return [
    `Spark: ${applications} loan applications, ${cells} cells compared, ${mismatchCount} mismatches`,
    ...lines,
  ].join('\n');
}

function differ(mismatches: number): AssayError {
  return new AssayError('conflict', {
    what: 'batch and online features differ',
    given: `${mismatches} cells`,
    allowed: '0',
    fix: 'facts that only one side has: run the pipeline, so that the lake takes in what was streamed; otherwise report a bug',
  });
}

/** `assay features parity --decisions` */
export async function checkDecisionParity(context: CommandContext, options: ParityCommandOptions): Promise<void> {
  const report = await withBookDecisions(context, options.portfolio, ({ store }, { portfolio, lake, warehouse }) => {
    const book = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) };
    return decisionParity(book, loggedDecisions(store, context.signal));
  });
  context.print(options.json ? JSON.stringify(report, null, 2) : decisionText(report));
  if (report.mismatchCount > 0) throw differ(report.mismatchCount);
}

/** Every decision of the book, a page at a time; of an erased person there is nothing to compare. */
async function* loggedDecisions(
  store: Pick<DecisionStore, 'since'>,
  signal: AbortSignal,
): AsyncGenerator<readonly LoggedDecision[]> {
  for (let after = 0; ; ) {
    const page = await store.since(after, DECISIONS_PAGE);
    if (page.length === 0) return;
    if (signal.aborted) throw new AssayError('cancelled', { what: 'comparing was stopped' });
    yield page.flatMap(({ record }) => (record ? [loggedDecision(record)] : []));
    after = page.at(-1)!.sequence;
  }
}

function loggedDecision({ body }: DecisionRecord): LoggedDecision {
  const { decisionId, application, asOf, features } = body;
  const { borrowerId, columns } = application;
  return { decisionId, borrowerId, columns, asOf, features, catalogHash: body.catalogHash };
}

function decisionText({ decisions, otherCatalog, cells, mismatchCount, mismatches }: DecisionParityReport): string {
  return [
    `decisions: ${decisions} compared, ${cells} cells, ${mismatchCount} mismatches`,
    ...(otherCatalog > 0 ? [`  ${otherCatalog} were made with another feature catalog and are left out`] : []),
    ...mismatches
      .slice(0, SHOWN_MISMATCHES)
      .map(
        ({ decisionId, asOf, feature, recorded, batch }) =>
          `  ${decisionId} as of ${asOf}, ${feature}: recorded ${shown(recorded)}, batch ${shown(batch)}`,
      ),
  ].join('\n');
}

const configOf = (context: CommandContext) => loadConfig(context.environment, context.workingDirectory);

function openBook(context: CommandContext, portfolio: string) {
  const onProgress = (text: string): void => context.printError(`assay: ${text}`);
  return openSystem({ config: configOf(context), portfolio, clock: context.clock, onProgress });
}
