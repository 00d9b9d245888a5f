import { AssayError, type Portfolio, type SourceFile, type TableSchema } from '../domain/index.ts';
import {
  type Clock,
  type ErasedPersons,
  type Lake,
  lakeJson,
  NOBODY_ERASED,
  readDelimited,
  type SealedZone,
  type Warehouse,
} from '../platform/index.ts';
import { type Consented, emptyUnconsented } from './consented-columns.ts';
import { removeErased } from './erased-rows.ts';
import { createEventMapper } from './events/event-mapper.ts';
import { type Funnel, rejectedShareOf, type SourceFunnel, type WrittenTable } from './funnel.ts';
import { LANDED_KEY, type LandedSource } from './land-raw.ts';
import { refuseDamaged } from './landed-file.ts';
import { LookupStore } from './lookup-store.ts';
import { readOptions } from './read-records.ts';
import { REJECTS_STAGE, RejectLog } from './rejects.ts';
import { SourceReader } from './source-reader.ts';
import { countBySource, removeRepeats, StagedTable } from './stage-table.ts';
import { STREAM_SOURCE, StreamedSource } from './streamed-source.ts';
import { ZoneWriter } from './write-zone.ts';

export type ProcessRequest = {
  readonly portfolio: Portfolio;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  /** Where protected columns go; unset: they are not kept at all. */
  readonly sealed?: SealedZone | undefined;
  /** Persons whose rows go no further than the raw zone; unset: nobody's. */
  readonly erased?: ErasedPersons | undefined;
  /** Who agreed that social-network columns are kept for development; unset: nobody. */
  readonly consented?: Consented | undefined;
  /** What landRaw gave; unset: what it noted in the lake. */
  readonly landed?: readonly LandedSource[];
  /** `done` and `total` are bytes of the source files. */
  readonly onProgress?: (done: number, total: number, note?: string) => void;
  readonly signal?: AbortSignal;
};

const STAGING_PREFIX = 'staging/processed';
const PROCESSED_PREFIX = 'processed';

/**
 * Turns the raw zone into the processed zone: reads, excludes, maps and validates every row, removes repeats, writes
 * typed Parquet by month with `source_row`, keeps every row left out with its reason, and closes the books: rows read =
 * excluded + not mapped + rejected + duplicates + erased + written, for every source and table.
 * Runs again from the start at any time; readers see the old zone until the new one is whole.
 * @throws AssayError bad_input for a file that cannot be read at all; internal when the books do not close; cancelled
 */
export async function processRaw(request: ProcessRequest): Promise<Funnel> {
  const run = new ProcessRun(request, request.landed ?? (await readLanded(request.lake)));
  try {
    return await run.process();
  } finally {
    await run.close();
  }
}

async function readLanded(lake: Lake): Promise<LandedSource[]> {
  if (!(await lake.exists(LANDED_KEY))) {
    throw new AssayError('not_found', {
      what: 'nothing has been landed yet',
      given: LANDED_KEY,
      fix: 'land the source files first',
    });
  }
  return lakeJson<LandedSource[]>(lake, LANDED_KEY);
}

class ProcessRun {
  readonly #request: ProcessRequest;
  readonly #landed: readonly LandedSource[];
  readonly #rejects: RejectLog;
  readonly #writer: ZoneWriter;
  readonly #lookups: LookupStore;
  readonly #staged = new Map<string, StagedTable>();
  readonly #readers: (SourceReader | StreamedSource)[] = [];
  #bytesBefore = 0;

  constructor(request: ProcessRequest, landed: readonly LandedSource[]) {
    this.#request = request;
    this.#landed = landed;
    this.#rejects = new RejectLog(request.warehouse, request.erased);
    this.#writer = new ZoneWriter(request.lake, request.warehouse, { prefix: STAGING_PREFIX, sealed: request.sealed });
    this.#lookups = new LookupStore(request.portfolio.sources);
  }

  async process(): Promise<Funnel> {
    await this.#rejects.open();
    await this.#writer.open();
    for (const [number, source] of this.#request.portfolio.sources.entries()) await this.#readSource(number, source);
    await this.#readStreamed();
    for (const staged of this.#staged.values()) await staged.flush();
    await this.#clearErased();
    await emptyUnconsented([...this.#staged.values()], this.#request.warehouse, this.#request.consented);
    for (const staged of this.#staged.values()) await this.#clearRepeats(staged);
    await this.#rejects.flush();
    const funnel = await this.#write();
    await this.#writer.publish(PROCESSED_PREFIX);
    return funnel;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    for (const staged of this.#staged.values()) await staged.drop();
    await this.#request.warehouse.run(`DROP TABLE IF EXISTS ${REJECTS_STAGE}`);
  }

  async #readSource(number: number, source: SourceFile): Promise<void> {
    const { lake, onProgress, signal } = this.#request;
    const reader = await this.#openReader(number, source);
    await refuseDamaged(lake, reader.landed);
    const total = this.#landed.reduce((sum, landed) => sum + landed.bytes, 0);
    const onBytes = (bytes: number): void => onProgress?.(this.#bytesBefore + bytes, total, source.name);
    const options = { ...readOptions(source), onBytes, ...(signal && { signal }) };
    for await (const { dialect, rows } of readDelimited(lake.path(reader.landed.key), options)) {
      reader.take(rows, dialect);
      for (const staged of this.#staged.values()) await staged.flushWhenFull();
      await this.#rejects.flushWhenFull();
    }
    this.#bytesBefore += reader.landed.bytes;
  }

  /** What was streamed, behind the files: a fact that is in both counts once. */
  async #readStreamed(): Promise<void> {
    const { lake, portfolio, signal } = this.#request;
    const landed = this.#landed.filter((candidate) => candidate.source === STREAM_SOURCE);
    if (landed.length === 0) return;
    const mapper = createEventMapper(portfolio);
    for (const table of mapper.tables) await this.#stagedTable(table);
    const number = portfolio.sources.length;
    const reader = new StreamedSource({ number, landed, mapper, staged: this.#staged, rejects: this.#rejects });
    this.#readers.push(reader);
    for (const file of landed) {
      if (signal?.aborted) throw new AssayError('cancelled', { what: 'processing the raw zone was cancelled' });
      reader.take(file, await lake.get(file.key));
      for (const staged of this.#staged.values()) await staged.flushWhenFull();
      await this.#rejects.flushWhenFull();
      this.#tellBytes(file.bytes);
    }
  }

  #tellBytes(bytes: number): void {
    const total = this.#landed.reduce((sum, landed) => sum + landed.bytes, 0);
    this.#bytesBefore += bytes;
    this.#request.onProgress?.(this.#bytesBefore, total, STREAM_SOURCE);
  }

  async #openReader(number: number, source: SourceFile): Promise<SourceReader> {
    const landed = this.#landed.find((candidate) => candidate.source === source.name);
    if (!landed) {
      throw new AssayError('not_found', {
        what: `source "${source.name}" has not been landed`,
        fix: 'land the source files again',
      });
    }
    const staged: StagedTable[] = [];
    for (const { table } of source.targets) staged.push(await this.#stagedTable(table));
    const reader = new SourceReader({
      ...{ number, source, landed, staged, rejects: this.#rejects, lookups: this.#lookups },
      erased: this.#request.erased,
    });
    this.#readers.push(reader);
    return reader;
  }

  async #stagedTable(table: TableSchema): Promise<StagedTable> {
    const known = this.#staged.get(table.name);
    if (known) {
      if (known.table === table || JSON.stringify(known.table) === JSON.stringify(table)) return known;
      throw new AssayError('bad_input', {
        what: `two sources write table "${table.name}" with different schemas`,
        fix: 'use one TableSchema for both in portfolio.ts',
      });
    }
    const staged = new StagedTable(table, this.#request.warehouse);
    await staged.open();
    this.#staged.set(table.name, staged);
    return staged;
  }

  /** Before repeats are cleared: what is said of those goes into the log. */
  async #clearErased(): Promise<void> {
    const { warehouse, erased = NOBODY_ERASED } = this.#request;
    for (const { staged, source, rows } of await removeErased([...this.#staged.values()], warehouse, erased)) {
      this.#readers[source]!.erased(staged, rows);
    }
  }

  async #clearRepeats(staged: StagedTable): Promise<void> {
    for (const repeat of await removeRepeats(staged, this.#request.warehouse)) {
      this.#readers[repeat.source]!.repeated(staged, repeat);
      await this.#rejects.flushWhenFull();
    }
  }

  async #write(): Promise<Funnel> {
    const tables: WrittenTable[] = [];
    const written = new Map<string, Map<number, number>>();
    for (const [name, staged] of this.#staged) {
      if (this.#request.signal?.aborted) {
        throw new AssayError('cancelled', { what: 'processing the raw zone was cancelled' });
      }
      written.set(name, await countBySource(staged, this.#request.warehouse));
      tables.push(await this.#writer.writeTable(staged));
    }
    const sources = this.#readers.map((reader, number) =>
      reader.close((table) => written.get(table)?.get(number) ?? 0),
    );
    const funnel = this.#funnelOf(sources, tables);
    await this.#writer.writeRejects();
    await this.#writer.writeText('_quality/funnel.json', `${JSON.stringify(funnel, null, 2)}\n`);
    return funnel;
  }

  #funnelOf(sources: readonly SourceFunnel[], tables: readonly WrittenTable[]): Funnel {
    return {
      format: 'assay-funnel/1',
      portfolio: this.#request.portfolio.name,
      createdAt: this.#request.clock.now().toISOString(),
      rowsRead: sources.reduce((sum, source) => sum + source.rowsRead, 0),
      ...rejectedShareOf(sources),
      sources,
      tables,
    };
  }
}
