import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnSchema, DUCKDB_TYPES } from '../domain/index.ts';
import type { Lake, SealedZone, Warehouse } from '../platform/index.ts';
import type { WrittenTable } from './funnel.ts';
import { isProtected, sealedColumns, sealTable } from './protected-zone.ts';
import { REJECTS_STAGE } from './rejects.ts';
import { lakeExpression, partitionsOf, quoted, type StagedTable } from './stage-table.ts';

/**
 * Writes staged tables as Parquet under a staging prefix of the lake; `publish` makes them the processed zone in one step.
 * Protected columns are empty there: their values go to the sealed zone, or nowhere when there is none.
 */
export class ZoneWriter {
  readonly #lake: Lake;
  readonly #warehouse: Warehouse;
  readonly #prefix: string;
  readonly #sealed: SealedZone | undefined;
  #scratch = '';

  constructor(
    lake: Lake,
    warehouse: Warehouse,
    { prefix, sealed }: { prefix: string; sealed?: SealedZone | undefined },
  ) {
    this.#sealed = sealed;
    this.#lake = lake;
    this.#warehouse = warehouse;
    this.#prefix = prefix;
  }

  async open(): Promise<void> {
    await this.#lake.remove(this.#prefix);
    this.#scratch = await mkdtemp(join(tmpdir(), 'assay-ingest-'));
  }

  async writeTable(staged: StagedTable): Promise<WrittenTable> {
    const columns = [
      ...staged.table.columns.map((column) => `${processedExpression(column)} AS ${quoted(column.name)}`),
      'source_row',
    ];
    await this.#seal(staged);
    const partitions = await partitionsOf(staged, this.#warehouse);
    let bytes = 0;
    for (const { dt, where } of partitions) {
      const sql = `SELECT ${columns.join(', ')} FROM ${quoted(staged.name)} WHERE ${where} ORDER BY _source, source_row`;
      bytes += await this.#copy(sql, `${staged.table.name}/dt=${dt}/part-0.parquet`);
    }
    const counted = await this.#warehouse.rows<{ n: number }>(`SELECT count(*) AS n FROM ${quoted(staged.name)}`);
    return {
      table: staged.table.name,
      rows: counted[0]!.n,
      columns: staged.table.columns.length + 1,
      partitions: partitions.length,
      bytes,
    };
  }

  async #seal({ table, name }: StagedTable): Promise<void> {
    if (!this.#sealed || !table.columns.some(isProtected)) return;
    const columns = sealedColumns(table).map((column) => `${lakeExpression(column)} AS ${quoted(column.name)}`);
    const select = `SELECT ${columns.join(', ')} FROM ${quoted(name)} ORDER BY _source, source_row`;
    await sealTable({ warehouse: this.#warehouse, sealed: this.#sealed }, table, select);
  }

  async writeRejects(): Promise<void> {
    await this.#copy(`SELECT * FROM ${REJECTS_STAGE} ORDER BY source, source_row, "table"`, '_quality/rejects.parquet');
  }

  async writeText(key: string, text: string): Promise<void> {
    await this.#lake.put(`${this.#prefix}/${key}`, text);
  }

  async publish(target: string): Promise<void> {
    await this.#lake.publish(this.#prefix, target);
  }

  async close(): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true });
  }

  async #copy(select: string, key: string): Promise<number> {
    const file = join(this.#scratch, 'part.parquet');
    await this.#warehouse.run(`COPY (${select}) TO '${file.replaceAll("'", "''")}' (FORMAT PARQUET, COMPRESSION ZSTD)`);
    const content = await readFile(file);
    await this.#lake.put(`${this.#prefix}/${key}`, content);
    return content.length;
  }
}

function processedExpression(column: ColumnSchema): string {
  return isProtected(column) ? `CAST(NULL AS ${DUCKDB_TYPES[column.type]})` : lakeExpression(column);
}
