import { AssayError, type ColumnType, type FeatureCatalog, type TableSchema } from '../domain/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import { type FeaturesManifest, manifestOf, writeSql } from './build-features.ts';
import { copyToLake } from './copy-to-lake.ts';
import { quotedPath } from './processed-views.ts';
import { type CompiledGroup, compileSpark } from './sql/compile-sql.ts';

/** What `python/spark/features.py` runs: data alone, so that the script knows nothing of features. */
export type SparkJob = {
  readonly format: 'assay-spark-features/1';
  /** Of the Spark session: without them moments would shift with the machine's time zone. */
  readonly settings: Readonly<Record<string, string>>;
  readonly tables: readonly {
    readonly name: string;
    readonly files: readonly string[];
    /** Columns as Spark declares them, for a table without a file. */
    readonly schema: string;
  }[];
  readonly groups: readonly Pick<CompiledGroup, 'relation' | 'sql'>[];
  readonly join: string;
  /** Folder the result goes to, in as many files as Spark likes. */
  readonly output: string;
};

export const SPARK_SETTINGS = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.timestampType': 'TIMESTAMP_NTZ',
  'spark.sql.parquet.compression.codec': 'zstd',
  // Groups aggregated in memory before Spark sorts instead; its own 128 is meant for groups that are large.
  'spark.sql.objectHashAggregate.sortBased.fallbackThreshold': '200000',
} as const;

export const SPARK_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'STRING',
  integer: 'BIGINT',
  double: 'DOUBLE',
  money: 'BIGINT',
  date: 'DATE',
  timestamp: 'TIMESTAMP_NTZ',
  boolean: 'BOOLEAN',
};

/**
 * A catalog as a job for Spark.
 * @param filesOf where the Parquet files of a processed table lie, as Spark reaches them
 * @throws AssayError as `checkCatalog` does
 */
export async function sparkJobOf(options: {
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
  readonly filesOf: (table: string) => Promise<readonly string[]>;
  readonly output: string;
}): Promise<SparkJob> {
  const { catalog, tables, filesOf, output } = options;
  const compiled = compileSpark(catalog, tables);
  const read = compiled.tables.map((name) => tables.find((table) => table.name === name)!);
  return {
    format: 'assay-spark-features/1',
    settings: SPARK_SETTINGS,
    tables: await Promise.all(
      read.map(async (table) => ({ name: table.name, files: await filesOf(table.name), schema: schemaOf(table) })),
    ),
    groups: compiled.groups.map(({ relation, sql }) => ({ relation, sql })),
    join: compiled.join,
    output,
  };
}

function schemaOf({ columns }: TableSchema): string {
  const declared = columns.map(({ name, type }) => `\`${name}\` ${SPARK_TYPES[type]}`);
  return [...declared, '`source_row` BIGINT'].join(', ');
}

const STAGING = 'staging/features';

/**
 * Publishes what Spark wrote as `modeled/features/`: one table in order of source row, its manifest, and the SQL that made it;
 * the same files as `buildFeatures` leaves, with the same cells.
 * @param files Spark's Parquet files, on this machine
 * @throws AssayError bad_input when rows are missing, doubled, or a feature has no column
 */
export async function publishSparkFeatures(options: {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
  readonly files: readonly string[];
}): Promise<FeaturesManifest> {
  const { warehouse, lake, catalog, tables, files } = options;
  const source = `read_parquet([${files.map(quotedPath).join(', ')}])`;
  const rows = await countRows(warehouse, source, files);
  const manifest = manifestOf(catalog, tables, rows);
  const names = manifest.features.map(({ name }) => `"${name}"`);
  await writeSql(lake, compileSpark(catalog, tables), manifest);
  await copyToLake(
    { warehouse, lake },
    `SELECT application_id, borrower_id, as_of, source_row, ${names.join(', ')} FROM ${source} ORDER BY source_row, application_id`,
    `${STAGING}/features.parquet`,
  );
  await lake.publish(STAGING, 'modeled/features');
  return manifest;
}

async function countRows(warehouse: Warehouse, source: string, files: readonly string[]): Promise<number> {
  const [counted] =
    files.length === 0
      ? []
      : await warehouse.rows<{ n: number; ids: number }>(
          `SELECT COUNT(*) AS n, COUNT(DISTINCT application_id) AS ids FROM ${source}`,
        );
  if (counted && counted.n > 0 && counted.n === counted.ids) return counted.n;
  throw new AssayError('bad_input', {
    what: 'Spark did not write one row for each loan application',
    given: counted ? `${counted.n} rows, ${counted.ids} applications` : 'no file',
    fix: 'look at the log of the Glue job, and start the pipeline again from BuildFeatures',
  });
}
