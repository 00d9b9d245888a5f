import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lake, Warehouse } from '../platform/index.ts';
import type { WrittenTable } from './funnel.ts';
import { REJECTS_STAGE } from './rejects.ts';
import { lakeExpression, partitionsOf, quoted, type StagedTable } from './stage-table.ts';

/** Writes staged tables as Parquet under a staging prefix of the lake; `publish` makes them the processed zone in one step. */
export class ZoneWriter {
  readonly #lake: Lake;
  readonly #warehouse: Warehouse;
  readonly #prefix: string;
  #scratch = '';

  constructor(lake: Lake, warehouse: Warehouse, prefix: string) {
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
      ...staged.table.columns.map((column) => `${lakeExpression(column)} AS ${quoted(column.name)}`),
      'source_row',
    ];
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
