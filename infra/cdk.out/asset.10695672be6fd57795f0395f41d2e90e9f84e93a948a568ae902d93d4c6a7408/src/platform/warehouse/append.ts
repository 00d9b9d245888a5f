import { setImmediate as nextTick } from 'node:timers/promises';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { AssayError } from '../../domain/index.ts';
import type { Cell } from './write-column.ts';

/** Chunks written before other work gets a turn on the event loop; a chunk is 2,048 rows. */
const CHUNKS_PER_TURN = 16;

/** Appends all rows or, when a value does not fit, none (unless the caller holds a transaction: then it decides). */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly (readonly Cell[])[],
): Promise<void> {
  const rowCount = checkShape(table, columns);
  if (rowCount === 0) return;
  const isOwn = await begin(connection);
  try {
    await appendChunks(connection, table, columns, rowCount);
    if (isOwn) await connection.run('COMMIT');
  } catch (error) {
    if (isOwn) await connection.run('ROLLBACK');
    throw error;
  }
}

function checkShape(table: string, columns: readonly (readonly Cell[])[]): number {
  const lengths = new Set(columns.map((column) => column.length));
  if (lengths.size <= 1) return columns[0]?.length ?? 0;
  throw new AssayError('bad_input', {
    what: `columns of different lengths cannot be appended to ${table}`,
    given: [...lengths].join(', '),
    allowed: 'one length',
  });
}

/** False when the caller already is in a transaction. */
async function begin(connection: DuckDBConnection): Promise<boolean> {
  try {
    await connection.run('BEGIN');
    return true;
  } catch (error) {
    if (error instanceof Error && /within a transaction/.test(error.message)) return false;
    throw error;
  }
}

async function appendChunks(
  connection: DuckDBConnection,
  table: string,
  columns: readonly (readonly Cell[])[],
  rowCount: number,
): Promise<void> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api');
  const { default: duckdb } = await import('@duckdb/node-bindings');
  const { columnWriter } = await import('./write-column.ts');
  const appender = await openAppender(connection, table);
  try {
    checkColumnCount(appender, table, columns.length);
    const types = columns.map((_, index) => appender.columnType(index));
    const writers = types.map((type, index) => columnWriter(index, type));
    const chunkRows = duckdb.vector_size();
    for (let from = 0, chunkNumber = 1; from < rowCount; from += chunkRows, chunkNumber++) {
      const count = Math.min(chunkRows, rowCount - from);
      const chunk = DuckDBDataChunk.create(types, count);
      for (const [index, write] of writers.entries()) {
        write(duckdb.data_chunk_get_vector(chunk.chunk, index), columns[index]!, from, count);
      }
      appender.appendDataChunk(chunk);
      if (chunkNumber % CHUNKS_PER_TURN === 0) await nextTick();
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}

/** `table`, `schema.table` or `catalog.schema.table`. */
function openAppender(connection: DuckDBConnection, table: string): Promise<DuckDBAppender> {
  const [name, schema, catalog] = table.split('.').reverse();
  return connection.createAppender(name!, schema ?? null, catalog ?? null);
}

function checkColumnCount(appender: DuckDBAppender, table: string, given: number): void {
  if (appender.columnCount === given) return;
  throw new AssayError('bad_input', {
    what: `rows for ${table} have another number of columns than the table`,
    given: String(given),
    allowed: String(appender.columnCount),
  });
}
