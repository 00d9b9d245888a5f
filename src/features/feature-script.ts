import { AssayError, type ColumnType, DUCKDB_TYPES, type FeatureCatalog, type TableSchema } from '../domain/index.ts';
import type { Lake } from '../platform/index.ts';
import { processedFiles } from './processed-views.ts';
import { featureNamesIn } from './references.ts';
import { SPARK_SETTINGS, SPARK_TYPES } from './spark-job.ts';
import { compileSql } from './sql/compile-sql.ts';
import { duckdbDialect, type SqlDialect, sparkDialect } from './sql/dialect.ts';

export type FeatureScriptOptions = {
  readonly lake: Lake;
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
  readonly dialect: SqlDialect['name'];
};

/**
 * The catalog as a SQL script that a person can read and run: a view for each table over its Parquet files, a view for each
 * source of features, and the SELECT of all features in order of source row. Statements end with a semicolon and a newline;
 * no other line does.
 * @throws AssayError as `checkCatalog` does
 * @example await featureScript({ lake, catalog: narrowCatalog(catalog, ['income_90d']), tables, dialect: 'spark' })
 */
export async function featureScript({ lake, catalog, tables, dialect: name }: FeatureScriptOptions): Promise<string> {
  const dialect = name === 'spark' ? sparkDialect : duckdbDialect;
  const { tables: read, groups, join } = compileSql(catalog, tables, { dialect });
  const schemas = read.map((table) => tables.find((schema) => schema.name === table)!);
  const views = await Promise.all(schemas.map((schema) => tableView(schema, lake, dialect)));
  const statements = [
    ...(name === 'spark' ? Object.entries(SPARK_SETTINGS).map(([key, value]) => `SET ${key}=${value}`) : []),
    ...views,
    ...groups.map(({ relation, sql }) => `CREATE OR REPLACE TEMPORARY VIEW ${relation} AS\n${sql.trimEnd()}`),
    `${join.trimEnd()}\nORDER BY source_row NULLS LAST, application_id NULLS LAST`,
  ];
  return statements.map((statement) => `${statement};\n`).join('\n');
}

/** Named features, and those they are derived from, in the catalog's order. */
export function narrowCatalog(catalog: FeatureCatalog, names: readonly string[]): FeatureCatalog {
  const byName = new Map(catalog.features.map((feature) => [feature.name, feature]));
  const kept = new Set<string>();
  const keep = (name: string): void => {
    const feature = byName.get(name);
    if (!feature) throw unknownFeature(name);
    if (kept.has(name)) return;
    kept.add(name);
    if (feature.definition.kind === 'derived') featureNamesIn(feature.definition.expression).forEach(keep);
  };
  names.forEach(keep);
  return { ...catalog, features: catalog.features.filter(({ name }) => kept.has(name)) };
}

export function unknownFeature(name: string): AssayError {
  return new AssayError('bad_input', {
    what: 'no such feature',
    given: name,
    allowed: 'a name that assay features list prints',
    fix: 'check the name',
  });
}

async function tableView(table: TableSchema, lake: Lake, dialect: SqlDialect): Promise<string> {
  const { identifier, text } = dialect;
  const view = `CREATE OR REPLACE TEMPORARY VIEW ${identifier(table.name)}`;
  const files = await processedFiles(lake, table.name);
  const folder = lake.path(`processed/${table.name}`);
  if (files.length === 0)
    return `-- ${table.name} has received no rows.\n${view} AS SELECT ${emptyColumns(table, dialect)} WHERE 1 = 0`;
  if (dialect.name === 'spark')
    return `${view} USING parquet OPTIONS (path ${text(folder)}, pathGlobFilter '*.parquet', recursiveFileLookup 'true')`;
  return `${view} AS SELECT * FROM read_parquet(${text(`${folder}/**/*.parquet`)}, hive_partitioning = false)`;
}

function emptyColumns({ columns }: TableSchema, { name: dialect, identifier }: SqlDialect): string {
  const typeOf = (type: ColumnType): string => (dialect === 'spark' ? SPARK_TYPES : DUCKDB_TYPES)[type];
  const declared = columns.map(({ name, type }) => `CAST(NULL AS ${typeOf(type)}) AS ${identifier(name)}`);
  return [...declared, 'CAST(NULL AS BIGINT) AS source_row'].join(', ');
}
