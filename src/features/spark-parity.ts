import { runSparkJob, type SparkOptions, type Warehouse } from '../platform/index.ts';
import { FEATURES_KEY, type FeatureContext, type FeaturesManifest } from './build-features.ts';
import { readManifest } from './feature-frame.ts';
import type { ParityReport } from './feature-parity.ts';
import { processedFiles, quotedPath } from './processed-views.ts';
import { sparkJobOf } from './spark-job.ts';
import { duckdbDialect } from './sql/dialect.ts';

const OUTPUT_KEY = 'staging/spark-parity';
const MAX_LISTED = 100;

const { identifier, text } = duckdbDialect;

export type SparkParity = Pick<ParityReport, 'applications' | 'cells' | 'mismatchCount' | 'byFeature'> & {
  readonly mismatches: readonly {
    readonly applicationId: string;
    readonly feature: string;
    readonly batch: string | null;
    readonly spark: string | null;
  }[];
};

/**
 * Computes the catalog with Spark over the same processed rows and compares every cell with features.parquet, bit for bit. A row
 * that one of them lacks counts with all its cells.
 * @throws AssayError not_found before features are built; unavailable without Spark
 */
export async function sparkParity(options: FeatureContext & { readonly spark: SparkOptions }): Promise<SparkParity> {
  const { lake, catalog, tables, spark } = options;
  await readManifest(lake);
  const output = lake.path(OUTPUT_KEY);
  const job = await sparkJobOf({ catalog, tables, filesOf: (table) => processedFiles(lake, table), output });
  try {
    await runSparkJob(job, spark);
    return await compareSparkOutput(options, output);
  } finally {
    await lake.remove(OUTPUT_KEY);
  }
}

/** The comparison of `sparkParity`, for rows that Spark has written already. */
export async function compareSparkOutput(
  options: Pick<FeatureContext, 'warehouse' | 'lake'>,
  output: string,
): Promise<SparkParity> {
  const { warehouse, lake } = options;
  const manifest = await readManifest(lake);
  const both = `read_parquet(${quotedPath(lake.path(FEATURES_KEY))}) a FULL JOIN read_parquet(${text(`${output}/*.parquet`)}) b
      ON b.application_id = a.application_id`;
  const [counts] = await warehouse.rows<Record<string, number>>(
    `SELECT COUNT(*) AS applications, ${manifest.features.map(differing).join(', ')} FROM ${both}`,
  );
  return reportOf(manifest, counts!, await listed(warehouse, manifest, both, counts!));
}

type Named = { readonly name: string };

const isDifferent = (name: string): string =>
  `(a.application_id IS NULL OR b.application_id IS NULL OR a.${identifier(name)} IS DISTINCT FROM b.${identifier(name)})`;

const differing = ({ name }: Named): string =>
  `COUNT(CASE WHEN ${isDifferent(name)} THEN 1 END) AS ${identifier(`n_${name}`)}`;

function reportOf(
  { features }: FeaturesManifest,
  counts: Readonly<Record<string, number>>,
  mismatches: SparkParity['mismatches'],
): SparkParity {
  const applications = counts['applications']!;
  const byFeature = Object.fromEntries(
    features.map(({ name }) => [name, counts[`n_${name}`]!] as const).filter(([, count]) => count > 0),
  );
  const mismatchCount = Object.values(byFeature).reduce((sum, count) => sum + count, 0);
  return { applications, cells: applications * features.length, mismatchCount, byFeature, mismatches };
}

async function listed(
  warehouse: Warehouse,
  { features }: FeaturesManifest,
  both: string,
  counts: Readonly<Record<string, number>>,
): Promise<SparkParity['mismatches']> {
  const queries = features
    .filter(({ name }) => counts[`n_${name}`]! > 0)
    .map(
      ({ name }) => `(SELECT COALESCE(a.application_id, b.application_id) AS "applicationId", ${text(name)} AS feature,
        CAST(a.${identifier(name)} AS VARCHAR) AS batch, CAST(b.${identifier(name)} AS VARCHAR) AS spark
        FROM ${both} WHERE ${isDifferent(name)} ORDER BY 1 LIMIT ${MAX_LISTED})`,
    );
  if (queries.length === 0) return [];
  return warehouse.rows(`SELECT * FROM (${queries.join(' UNION ALL ')}) LIMIT ${MAX_LISTED}`);
}
