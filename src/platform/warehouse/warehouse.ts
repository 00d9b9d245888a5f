import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection, DuckDBMaterializedResult } from '@duckdb/node-api';
import type { ResultColumn, SqlValue, Warehouse } from '../contract.ts';
import { appendColumns } from './append.ts';
import { toAssayError } from './errors.ts';
import { bindable } from './parameters.ts';

export type WarehouseOptions = {
  /** A .duckdb file (one process writes it at a time); unset: in memory. */
  readonly path?: string;
  readonly threads: number;
  /** As DuckDB reads it: '2GB'. Unset: DuckDB's default, 80 % of the machine's memory. */
  readonly memoryLimit?: string;
  /** Where DuckDB spills to when the limit is reached. */
  readonly tempDirectory?: string;
  /**
   * Locks the warehouse down for statements written by users: it reads files under these directories only, writes none, and its
   * settings cannot be changed any more.
   */
  readonly onlyDirectories?: readonly string[];
};

/**
 * Opens DuckDB. Statements run one after another on one connection (temporary tables are seen by later statements), each on
 * `threads` threads outside the event loop. The session's time zone is UTC; extensions are never downloaded.
 */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  // Loaded here, so that commands which never touch the warehouse start quickly.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  if (options.path !== undefined) await mkdir(dirname(options.path), { recursive: true });
  const instance = await DuckDBInstance.create(options.path, settings(options)).catch(toAssayError('open'));
  const connection = await instance.connect();
  for (const statement of sessionStatements(options)) await connection.run(statement);
  return warehouseOver(connection, () => {
    connection.closeSync();
    instance.closeSync();
  });
}

function settings(options: WarehouseOptions): Record<string, string> {
  return {
    threads: String(options.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // files of a lake are replaced under their names: what is read is what lies there, and the system keeps their pages
    enable_external_file_cache: 'false',
    ...(options.memoryLimit !== undefined && { memory_limit: options.memoryLimit }),
    ...(options.tempDirectory !== undefined && { temp_directory: options.tempDirectory }),
  };
}

function sessionStatements(options: WarehouseOptions): string[] {
  const statements = ["SET TimeZone = 'UTC'"];
  if (options.onlyDirectories === undefined) return statements;
  const directories = options.onlyDirectories.map((directory) => `'${directory.replaceAll("'", "''")}/'`);
  return [
    ...statements,
    `SET allowed_directories = [${directories.join(', ')}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

function warehouseOver(connection: DuckDBConnection, closeNative: () => void): Warehouse {
  const inTurn = queue();
  const query = async (sql: string, parameters: readonly SqlValue[]): Promise<DuckDBMaterializedResult> => {
    if (parameters.length === 0) return connection.run(sql);
    const { values, types } = await bindable(parameters);
    return connection.run(sql, values, types);
  };
  const columns = async (sql: string, parameters: readonly SqlValue[]): Promise<Columns> =>
    readColumns(await query(sql, parameters));
  return {
    run: (sql, parameters = []) =>
      inTurn(async () => {
        await query(sql, parameters).catch(toAssayError(sql));
      }),
    rows: <Row>(sql: string, parameters: readonly SqlValue[] = []) =>
      inTurn(async () => toRows<Row>(await columns(sql, parameters).catch(toAssayError(sql)))),
    columns: (sql, parameters = []) =>
      inTurn(async () => {
        const { rowCount, columns: read } = await columns(sql, parameters).catch(toAssayError(sql));
        return { rowCount, columns: read };
      }),
    append: (table, cells) =>
      inTurn(() => appendColumns(connection, table, cells).catch(toAssayError(`append to ${table}`))),
    close: () => inTurn(async () => closeNative()),
  };
}

/** Runs tasks one after another; a failed one does not stop the next. */
function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const next = last.then(task, task);
    last = next.catch(() => undefined);
    return next;
  };
}

type Columns = { readonly rowCount: number; readonly columns: ResultColumn[]; readonly isBoolean: readonly boolean[] };

async function readColumns(result: DuckDBMaterializedResult): Promise<Columns> {
  const { DuckDBTypeId } = await import('@duckdb/node-api');
  const { readColumn } = await import('./read-column.ts');
  const chunks = await result.fetchAllChunks();
  const rowCount = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const types = result.columnTypes();
  const columns = result
    .deduplicatedColumnNames()
    .map((name, index) => readColumn(name, types[index]!, chunks, index, rowCount));
  return { rowCount, columns, isBoolean: types.map((type) => type.typeId === DuckDBTypeId.BOOLEAN) };
}

type RowValue = string | number | boolean | null;

function toRows<Row>({ rowCount, columns, isBoolean }: Columns): Row[] {
  const cell = (column: ResultColumn, index: number, row: number): RowValue => {
    if (column.kind === 'text') return column.values[row] ?? null;
    const value = column.values[row]!;
    if (Number.isNaN(value)) return null;
    return isBoolean[index] ? value === 1 : value;
  };
  const rows: Record<string, RowValue>[] = [];
  for (let row = 0; row < rowCount; row++) {
    rows.push(Object.fromEntries(columns.map((column, index) => [column.name, cell(column, index, row)])));
  }
  // The caller names the row type it selects: the one place where SQL's types cannot be checked.
  return rows as Row[];
}
