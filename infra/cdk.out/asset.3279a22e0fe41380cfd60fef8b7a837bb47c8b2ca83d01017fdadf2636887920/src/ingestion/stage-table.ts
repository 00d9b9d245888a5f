import { AssayError, type ColumnSchema, DUCKDB_TYPES, type TableSchema } from '../domain/index.ts';
import type { Warehouse } from '../platform/index.ts';
import type { StagedValue } from './validate.ts';

/** Staged rows carry where they come from beside their own columns. */
const PLACE = ['_seq', '_source', '_line', 'source_row'] as const;
const FLUSH_ROWS = 32_768;
const MS_PER_DAY = 86_400_000;
const MICROS_PER_DAY = 86_400_000_000;

/**
 * The rows of one table on their way to the lake: appended to a staging table, then cleared of repeats in SQL, where a
 * million keys need no memory of ours.
 */
export class StagedTable {
  readonly table: TableSchema;
  readonly name: string;
  readonly columns: StagedValue[][];
  readonly #place: [number[], number[], number[], number[]] = [[], [], [], []];
  readonly #warehouse: Warehouse;
  #seq = 0;

  constructor(table: TableSchema, warehouse: Warehouse) {
    this.table = table;
    this.name = `ingest_${table.name}`;
    this.columns = table.columns.map(() => []);
    this.#warehouse = warehouse;
  }

  async open(): Promise<void> {
    const columns = this.table.columns.map((column) => `${quoted(column.name)} ${stagedType(column)}`);
    const place = PLACE.map((name) => `${name} BIGINT`);
    await this.#warehouse.run(`CREATE OR REPLACE TABLE ${quoted(this.name)} (${[...place, ...columns].join(', ')})`);
  }

  /** Notes the place of the row whose values were just pushed to `columns`. */
  placed(sourceNumber: number, line: number, sourceRow: number): void {
    const [seq, source, lines, rows] = this.#place;
    seq.push(this.#seq++);
    source.push(sourceNumber);
    lines.push(line);
    rows.push(sourceRow);
  }

  async flush(minRows = 0): Promise<void> {
    if (this.#place[0].length === 0 || this.#place[0].length < minRows) return;
    await this.#warehouse.append(this.name, [...this.#place, ...this.columns]);
    for (const column of [...this.#place, ...this.columns]) column.length = 0;
  }

  flushWhenFull(): Promise<void> {
    return this.flush(FLUSH_ROWS);
  }

  async drop(): Promise<void> {
    await this.#warehouse.run(`DROP TABLE IF EXISTS ${quoted(this.name)}`);
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function stagedType(column: ColumnSchema): string {
  return column.type === 'date' || column.type === 'timestamp' ? 'BIGINT' : DUCKDB_TYPES[column.type];
}

/** The column as it lies in the lake, from its staged form. */
export function lakeExpression(column: ColumnSchema): string {
  const name = quoted(column.name);
  if (column.type === 'date') return `(DATE '1970-01-01' + CAST(${name} AS INTEGER))`;
  if (column.type === 'timestamp') return `make_timestamp(${name})`;
  return name;
}

export type Repeat = {
  readonly source: number;
  readonly line: number;
  readonly sourceRow: number;
  /** True: the same content again. False: the same key with other content. */
  readonly same: boolean;
  readonly raw: string;
};

/**
 * Removes rows whose key was seen before and says what they were. Kept is the one known first, then the one with
 * the smaller content, column by column: whatever order they came in, and as the online store does (compareVersions). A repeat that
 * differs only in when it became known is the same fact delivered twice.
 */
export async function removeRepeats(staged: StagedTable, warehouse: Warehouse): Promise<Repeat[]> {
  const { table } = staged;
  const name = quoted(staged.name);
  const keys = table.key.map(quoted);
  const compared = table.columns
    .filter((column) => column.name !== table.knownTime)
    .map((column) => quoted(column.name));
  const first = table.knownTime === undefined ? compared : [quoted(table.knownTime), ...compared];
  const order = [...first.map((column) => `s.${column} NULLS LAST`), '_seq'].join(', ');
  await warehouse.run(`
    CREATE OR REPLACE TEMP TABLE ingest_repeats AS
    WITH repeated AS (SELECT ${keys.join(', ')} FROM ${name} GROUP BY ${keys.join(', ')} HAVING count(*) > 1),
    ranked AS (
      SELECT s.*, row_number() OVER (PARTITION BY ${keys.map((key) => `s.${key}`).join(', ')} ORDER BY ${order}) AS _nth
      FROM ${name} AS s JOIN repeated USING (${keys.join(', ')})
    )
    SELECT r._seq, r._source, r._line, r.source_row,
      ${compared.map((column) => `r.${column} IS NOT DISTINCT FROM f.${column}`).join(' AND ')} AS same,
      CAST(to_json(struct_pack(${table.columns.map((column) => `${quoted(column.name)} := r.${quoted(column.name)}`).join(', ')})) AS VARCHAR) AS raw
    FROM ranked AS r JOIN ranked AS f ON ${keys.map((key) => `r.${key} = f.${key}`).join(' AND ')} AND f._nth = 1
    WHERE r._nth > 1 ORDER BY r._seq`);
  const rows = await warehouse.rows<{ _source: number; _line: number; source_row: number; same: boolean; raw: string }>(
    'SELECT _source, _line, source_row, same, raw FROM ingest_repeats ORDER BY _seq',
  );
  if (rows.length > 0) await warehouse.run(`DELETE FROM ${name} WHERE _seq IN (SELECT _seq FROM ingest_repeats)`);
  await warehouse.run('DROP TABLE ingest_repeats');
  return rows.map((row) => ({
    source: row._source,
    line: row._line,
    sourceRow: row.source_row,
    same: row.same,
    raw: row.raw,
  }));
}

/** Rows left in staging, by source number. */
export async function countBySource(staged: StagedTable, warehouse: Warehouse): Promise<Map<number, number>> {
  const rows = await warehouse.rows<{ source: number; n: number }>(
    `SELECT _source AS source, count(*) AS n FROM ${quoted(staged.name)} GROUP BY _source`,
  );
  return new Map(rows.map((row) => [row.source, row.n]));
}

/** One `COPY` per partition, in source order, so that the same rows give the same file. */
export async function partitionsOf(
  staged: StagedTable,
  warehouse: Warehouse,
): Promise<{ dt: string; where: string }[]> {
  const { table } = staged;
  if (table.partitionBy === undefined) return [{ dt: 'all', where: 'true' }];
  const column = table.columns.find((candidate) => candidate.name === table.partitionBy);
  if (!column || (column.type !== 'date' && column.type !== 'timestamp')) {
    throw new AssayError('bad_input', {
      what: `table ${table.name} cannot be partitioned by "${table.partitionBy}"`,
      allowed: 'one of its date or timestamp columns',
      fix: 'correct partitionBy in the table schema',
    });
  }
  const rows = await warehouse.rows<{ dt: string | null }>(
    `SELECT DISTINCT strftime(${lakeExpression(column)}, '%Y-%m') AS dt FROM ${quoted(staged.name)} ORDER BY dt NULLS LAST`,
  );
  if (rows.length === 0) return [{ dt: 'all', where: 'true' }];
  return rows.map(({ dt }) =>
    dt === null ? { dt: 'none', where: `${quoted(column.name)} IS NULL` } : { dt, where: monthRange(column, dt) },
  );
}

/** Bounds on the staged number, so that a partition costs a scan and no date arithmetic per row. */
function monthRange(column: ColumnSchema, dt: string): string {
  const [year, month] = dt.split('-').map(Number);
  const unit = column.type === 'date' ? 1 : MICROS_PER_DAY;
  const from = (Date.UTC(year!, month! - 1, 1) / MS_PER_DAY) * unit;
  const until = (Date.UTC(year!, month!, 1) / MS_PER_DAY) * unit;
  return `${quoted(column.name)} >= ${from} AND ${quoted(column.name)} < ${until}`;
}
