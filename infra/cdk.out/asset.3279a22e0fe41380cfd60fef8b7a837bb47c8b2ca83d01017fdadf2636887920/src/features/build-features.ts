import { AssayError, type FeatureCatalog, type FeatureDefinition, type TableSchema } from '../domain/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import { catalogHash, checkCatalog, featureHashes } from './check-catalog.ts';
import { copyToLake } from './copy-to-lake.ts';
import { createProcessedViews, inSchema, withSchema } from './processed-views.ts';
import { type CompiledCatalog, compileDuckdb } from './sql/compile-sql.ts';

export const FEATURES_KEY = 'modeled/features/features.parquet';
export const FEATURES_MANIFEST_KEY = 'modeled/features/manifest.json';
const STAGING = 'staging/features';

export type BuildProgress = { readonly done: number; readonly total: number; readonly note: string };

export type FeatureContext = {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
};

export type BuildOptions = FeatureContext & {
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
};

export type ManifestFeature = {
  readonly name: string;
  readonly title: string;
  readonly type: FeatureDefinition['type'];
  readonly unit: string;
  readonly dataClass: string;
  /** The source it is computed from: a table, a chain of lookups, 'loan_applications' or 'derived'. */
  readonly group: string;
  readonly hash: string;
  readonly lineage: readonly string[];
};

export type FeaturesManifest = {
  readonly format: 'assay-features/1';
  readonly catalogHash: string;
  readonly rows: number;
  readonly features: readonly ManifestFeature[];
};

/**
 * Computes every feature of every loan application of the processed lake and publishes `modeled/features/`: the table,
 * its manifest, and the SQL that made it. All or nothing: a reader sees the old build or the new.
 * @throws AssayError as `checkCatalog` does; not_found when no loan application has been ingested; cancelled.
 */
export async function buildFeatures(options: BuildOptions): Promise<FeaturesManifest> {
  const { warehouse, lake, catalog, tables, signal } = options;
  const schema = 'feature_build';
  const compiled = compileDuckdb(catalog, tables, { relation: inSchema(schema) });
  return withSchema(warehouse, schema, async () => {
    await createProcessedViews(options, schema, tables);
    const rows = await countApplications(warehouse, schema);
    const manifest = manifestOf(catalog, tables, rows);
    await writeSql(lake, compiled, manifest);
    const total = compiled.groups.length + 1;
    const report = (done: number, note: string): void => options.onProgress?.({ done, total, note });
    await computeGroups(warehouse, compiled, (done, name) => {
      throwIfCancelled(signal);
      report(done, name);
    });
    await copyToLake(
      options,
      `SELECT * FROM (${compiled.join}) features ORDER BY source_row, application_id`,
      `${STAGING}/features.parquet`,
    );
    throwIfCancelled(signal);
    await lake.publish(STAGING, 'modeled/features');
    report(total, 'published');
    return manifest;
  });
}

async function countApplications(warehouse: Warehouse, schema: string): Promise<number> {
  const [counted] = await warehouse.rows<{ n: number }>(
    `SELECT COUNT(*) AS n FROM ${inSchema(schema)('loan_applications')}`,
  );
  if (counted && counted.n > 0) return counted.n;
  throw new AssayError('not_found', {
    what: 'there are no loan applications in the processed lake',
    fix: 'ingest the portfolio first (assay up, or assay pipeline run --from ingest)',
  });
}

/** Stores each group's result under its relation; `before` is told which comes next. */
export async function computeGroups(
  warehouse: Warehouse,
  compiled: CompiledCatalog,
  before: (done: number, name: string) => void = () => {},
): Promise<void> {
  for (const [i, group] of compiled.groups.entries()) {
    before(i, group.name);
    await warehouse.run(`CREATE OR REPLACE TABLE ${group.relation} AS ${group.sql}`);
  }
}

export async function writeSql(lake: Lake, compiled: CompiledCatalog, manifest: FeaturesManifest): Promise<void> {
  await lake.remove(STAGING);
  await lake.put(`${STAGING}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const group of compiled.groups) await lake.put(`${STAGING}/sql/${group.name}.sql`, group.sql);
  await lake.put(`${STAGING}/sql/features.sql`, compiled.join);
}

export function manifestOf(catalog: FeatureCatalog, tables: readonly TableSchema[], rows: number): FeaturesManifest {
  const hashes = featureHashes(catalog);
  const features = checkCatalog(catalog, tables).features.map(({ definition, dataClass, lineage }) => ({
    name: definition.name,
    title: definition.title,
    type: definition.type,
    unit: definition.unit,
    dataClass,
    group: groupOf(definition),
    hash: hashes.get(definition.name)!,
    lineage,
  }));
  return { format: 'assay-features/1', catalogHash: catalogHash(catalog), rows, features };
}

export function groupOf({ definition }: FeatureDefinition): string {
  switch (definition.kind) {
    case 'attribute':
      return 'loan_applications';
    case 'lookup':
      return definition.path.map((step) => step.table).join(' -> ');
    case 'aggregate':
      return definition.source;
    case 'derived':
      return 'derived';
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AssayError('cancelled', { what: 'the feature build was cancelled' });
}
