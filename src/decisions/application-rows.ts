import type { FeatureValue, Portfolio } from '../domain/index.ts';
import { FEATURES_KEY } from '../features/index.ts';
import type { Lake, ResultColumn, Warehouse } from '../platform/index.ts';
import { applicationFields } from './application.ts';

export type BookSource = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };
export type ColumnsOf = (applicationId: string) => Readonly<Record<string, FeatureValue>>;

const AS_TEXT = ['date', 'timestamp', 'boolean'];

/** The attributes of processed applications as an application form would have carried them: of one, or of all. */
export async function readApplicationColumns(
  { warehouse, lake, portfolio }: BookSource,
  applicationId?: string,
): Promise<ColumnsOf> {
  const keys = (await lake.list('processed/loan_applications')).filter((key) => key.endsWith('.parquet'));
  if (keys.length === 0) return () => ({});
  const selected = applicationFields(portfolio).map(({ column: { name, type } }) =>
    AS_TEXT.includes(type) ? `CAST(${quoted(name)} AS VARCHAR) AS ${quoted(name)}` : quoted(name),
  );
  const { columns } = await warehouse.columns(
    `SELECT ${['application_id', ...selected].join(', ')} FROM ${filesOf(lake, keys)} WHERE $1 IS NULL OR application_id = $1`,
    [applicationId ?? null],
  );
  return cellsById(columns);
}

/** Some features of every application of the feature table; a name it does not have is left out. */
export async function readNamedFeatures({ warehouse, lake }: BookSource, names: readonly string[]): Promise<ColumnsOf> {
  if (names.length === 0 || !(await lake.exists(FEATURES_KEY))) return () => ({});
  const source = filesOf(lake, [FEATURES_KEY]);
  const described = await warehouse.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${source}`);
  const there = names.filter((name) => described.some((column) => column.column_name === name));
  const { columns } = await warehouse.columns(
    `SELECT ${['application_id', ...there.map(quoted)].join(', ')} FROM ${source}`,
  );
  return cellsById(columns);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function filesOf(lake: Lake, keys: readonly string[]): string {
  const files = keys.map((key) => `'${lake.path(key).replaceAll("'", "''")}'`).join(', ');
  return `read_parquet([${files}], hive_partitioning = false)`;
}

/** The first column holds the ids. */
function cellsById([ids, ...values]: readonly ResultColumn[]): ColumnsOf {
  const rowOf = new Map(textsOf(ids).map((id, row) => [id, row]));
  return (id) => {
    const row = rowOf.get(id);
    if (row === undefined) return {};
    return Object.fromEntries(values.map((column) => [column.name, cellOf(column, row)]));
  };
}

function textsOf(column: ResultColumn | undefined): readonly (string | null)[] {
  return column?.kind === 'text' ? column.values : [];
}

function cellOf(column: ResultColumn, row: number): FeatureValue {
  if (column.kind === 'text') return column.values[row] ?? null;
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? null : value;
}
