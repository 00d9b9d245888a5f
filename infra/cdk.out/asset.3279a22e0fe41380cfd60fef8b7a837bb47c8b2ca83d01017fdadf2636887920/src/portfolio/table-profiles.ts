import type { TableSchema } from '../domain/index.ts';
import { FEATURES_KEY, tablesOf } from '../features/index.ts';
import { type BookContext, SCORES_KEY } from './book-views.ts';
import { identifier, sqlText } from './sql.ts';

export type TableProfile = {
  readonly table: string;
  readonly description: string;
  readonly layer: 'processed' | 'modeled';
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly dataClass: string | null;
    readonly missingShare: number;
  }[];
  readonly bytes: number;
  readonly partitions: number;
  readonly firstEvent: string | null;
  readonly lastEvent: string | null;
};

const MODELED = [
  {
    key: FEATURES_KEY,
    table: 'features',
    description: 'Every feature of every loan application, as of the application.',
  },
  {
    key: 'modeled/training/snapshot.parquet',
    table: 'training_snapshot',
    description: 'Labelled applications with features, folds and split.',
  },
  { key: SCORES_KEY, table: 'scores', description: 'The whole book scored by the champion.' },
];

/** Rows, columns, missing values, size and time span of every table of the lake. */
export async function profileTables(context: BookContext): Promise<TableProfile[]> {
  const profiles: TableProfile[] = [];
  for (const schema of tablesOf(context.portfolio)) {
    const keys = (await context.lake.list(`processed/${schema.name}`)).filter((key) => key.endsWith('.parquet'));
    if (keys.length > 0)
      profiles.push(await profile(context, { keys, table: schema.name, description: schema.description, schema }));
  }
  for (const { key, table, description } of MODELED) {
    if (await context.lake.exists(key)) profiles.push(await profile(context, { keys: [key], table, description }));
  }
  return profiles;
}

type Subject = {
  readonly keys: readonly string[];
  readonly table: string;
  readonly description: string;
  readonly schema?: TableSchema;
};

async function profile({ warehouse, lake }: BookContext, subject: Subject): Promise<TableProfile> {
  const files = `[${subject.keys.map((key) => sqlText(lake.path(key))).join(', ')}]`;
  const source = `read_parquet(${files}, hive_partitioning = false)`;
  const described = await warehouse.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${source}`,
  );
  const event = subject.schema?.eventTime;
  const counts = described.map((column, index) => `COUNT(${identifier(column.column_name)}) AS c${index}`);
  const span = event
    ? `, CAST(MIN(${identifier(event)}) AS VARCHAR) AS first_event, CAST(MAX(${identifier(event)}) AS VARCHAR) AS last_event`
    : '';
  const [row] = await warehouse.rows(`SELECT COUNT(*) AS n, ${counts.join(', ')}${span} FROM ${source}`);
  const [size] = await warehouse.rows<{ bytes: number }>(
    `SELECT CAST(SUM(total_compressed_size) AS BIGINT) AS bytes FROM parquet_metadata(${files})`,
  );
  const rows = Number(row?.['n'] ?? 0);
  return {
    table: subject.table,
    description: subject.description,
    layer: subject.schema ? 'processed' : 'modeled',
    rows,
    columns: described.map((column, index) => ({
      name: column.column_name,
      type: column.column_type,
      dataClass: subject.schema?.columns.find((candidate) => candidate.name === column.column_name)?.dataClass ?? null,
      missingShare: rows === 0 ? 0 : 1 - Number(row?.[`c${index}`] ?? 0) / rows,
    })),
    bytes: size?.bytes ?? 0,
    partitions: subject.keys.length,
    firstEvent: textOrNull(row?.['first_event']),
    lastEvent: textOrNull(row?.['last_event']),
  };
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
