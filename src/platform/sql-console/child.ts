/**
 * Answers one query and ends. A process of its own, so that a query which takes too long or too much is killed without harm, and one
 * without the secrets of the server: its environment is empty. What it reads are the files of the views that the query names.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AssayError } from '../../domain/index.ts';
import { dieWithParent } from '../owner/index.ts';
import { checkStatement, type TableName } from './check-statement.ts';
import type { ConsoleAnswer, ConsoleCell, ConsoleOrder, ConsoleResult, ConsoleView } from './messages.ts';
import { consoleErrorOf } from './position.ts';

const SCHEMAS = ['processed', 'modeled', 'marts'];
const THREADS = '2';
/** A cell of a nested value or a long text is cut here. */
const MAX_CELL_CHARS = 10_000;

async function answer(order: ConsoleOrder): Promise<ConsoleAnswer> {
  try {
    return { kind: 'result', result: await run(order) };
  } catch (cause) {
    const { code, parts } = consoleErrorOf(order.sql, cause);
    return { kind: 'failed', code, parts };
  }
}

async function run(order: ConsoleOrder): Promise<ConsoleResult> {
  const connection = await openEngine(order.memoryLimit);
  const needed = checkStatement(order.sql, await treeOf(connection, order.sql), {
    known: order.views,
    reserved: await engineViews(connection),
  });
  await lockDown(connection, viewsOf(order.views, needed));
  return readResult(connection, order);
}

async function openEngine(memoryLimit: string): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: THREADS,
    memory_limit: memoryLimit,
    // a query that does not fit is refused: nothing is spilled to disk
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'; SET errors_as_json = true");
  return connection;
}

async function treeOf(connection: DuckDBConnection, sql: string): Promise<unknown> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
  return JSON.parse(String(reader.getRows()[0]?.[0]));
}

async function engineViews(connection: DuckDBConnection): Promise<ReadonlySet<string>> {
  const reader = await connection.runAndReadAll('SELECT DISTINCT lower(view_name) FROM duckdb_views()');
  return new Set(reader.getRows().map(([name]) => String(name)));
}

const viewsOf = (views: readonly ConsoleView[], needed: readonly TableName[]): readonly ConsoleView[] =>
  views.filter((view) => needed.some(({ schema, name }) => schema === view.schema && name === view.name));

/** The views of the query, then nothing outside them: no other file, no extension, no change of these settings. */
async function lockDown(connection: DuckDBConnection, views: readonly ConsoleView[]): Promise<void> {
  for (const schema of SCHEMAS) await connection.run(`CREATE SCHEMA ${schema}`);
  for (const view of views) await connection.run(viewSql(view));
  const paths = views.flatMap(({ files }) => files).map(quoted);
  await connection.run(`SET search_path = '${SCHEMAS.join(',')}'`);
  await connection.run(`SET allowed_paths = [${paths.join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

function viewSql({ schema, name, files, columns }: ConsoleView): string {
  const listed = columns.map((column) => `${column.expression} AS ${identifier(column.name)}`).join(', ');
  const source = `read_parquet([${files.map(quoted).join(', ')}], hive_partitioning = false)`;
  return `CREATE VIEW ${schema}.${identifier(name)} AS SELECT ${listed} FROM ${source}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function readResult(
  connection: DuckDBConnection,
  { sql, maxRows, maxBytes }: ConsoleOrder,
): Promise<ConsoleResult> {
  const result = await connection.stream(sql);
  const types = result.columnTypes();
  const columns = result.deduplicatedColumnNames().map((name, index) => ({ name, type: String(types[index]) }));
  const toCell = await cellReader();
  const rows: ConsoleCell[][] = [];
  let bytes = 0;
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const values of chunk.getRows()) {
      if (rows.length === maxRows) return { columns, rows, cut: 'rows' };
      const cells = values.map((value) => toCell(value));
      bytes += cells.reduce<number>((sum, cell) => sum + String(cell).length + 1, 0);
      if (bytes > maxBytes) return { columns, rows, cut: 'bytes' };
      rows.push(cells);
    }
  }
  return { columns, rows, cut: null };
}

/** Numbers that a 64-bit float holds exactly, or that are floats, stay numbers; all else is text. */
async function cellReader(): Promise<(value: DuckDBValue) => ConsoleCell> {
  const { DuckDBDecimalValue } = await import('@duckdb/node-api');
  return (value) => {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'bigint') return integerCell(value);
    if (value instanceof DuckDBDecimalValue) return decimalCell(String(value));
    const text = String(value);
    return text.length > MAX_CELL_CHARS ? `${text.slice(0, MAX_CELL_CHARS)}…` : text;
  };
}

const integerCell = (value: bigint): ConsoleCell =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();

/** Fifteen digits come back from a float as they were. */
const decimalCell = (text: string): ConsoleCell => (text.replace(/\D/g, '').length <= 15 ? Number(text) : text);

dieWithParent();
process.once('message', (order: ConsoleOrder) => {
  void answer(order)
    .catch((error: unknown): ConsoleAnswer => {
      const parts = error instanceof AssayError ? error.parts : { what: 'the query could not be answered' };
      return { kind: 'failed', code: 'internal', parts };
    })
    .then((said) => process.send?.(said, undefined, undefined, () => process.exit(0)));
});
