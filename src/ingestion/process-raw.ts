import {
  AssayError,
  type MappedRow,
  MappingError,
  type Portfolio,
  type RawRecord,
  type SourceFile,
  type SourceTarget,
  type TableSchema,
} from '../domain/index.ts';
import {
  type Clock,
  type DelimitedRow,
  type Dialect,
  type Lake,
  readDelimited,
  type Warehouse,
} from '../platform/index.ts';
import { closeTable, type Funnel, rejectedShareOf, type SourceFunnel, sorted, TableCounter } from './funnel.ts';
import { LANDED_KEY, type LandedSource } from './land-raw.ts';
import { LookupStore } from './lookup-store.ts';
import { type RecordMaker, readOptions, recordMaker, refuseUnknownFields } from './read-records.ts';
import { REJECTS_STAGE, RejectLog, rawText } from './rejects.ts';
import { countBySource, removeRepeats, StagedTable } from './stage-table.ts';
import { createRowValidator, type RowValidator } from './validate.ts';
import { ZoneWriter } from './write-zone.ts';

export type ProcessRequest = {
  readonly portfolio: Portfolio;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
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
 * excluded + not mapped + rejected + duplicates + written, for every source and table.
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
  const landed: LandedSource[] = JSON.parse(Buffer.from(await lake.get(LANDED_KEY)).toString('utf8'));
  return landed;
}

type Target = {
  readonly definition: SourceTarget;
  readonly staged: StagedTable;
  readonly validator: RowValidator;
  readonly counter: TableCounter;
};

type OpenSource = {
  readonly number: number;
  readonly source: SourceFile;
  readonly landed: LandedSource;
  readonly targets: readonly Target[];
  readonly excludedBy: Map<string, number>;
  rowsRead: number;
  excluded: number;
};

class ProcessRun {
  readonly #request: ProcessRequest;
  readonly #landed: readonly LandedSource[];
  readonly #rejects: RejectLog;
  readonly #writer: ZoneWriter;
  readonly #lookups: LookupStore;
  readonly #staged = new Map<string, StagedTable>();
  readonly #sources: OpenSource[] = [];
  #bytesBefore = 0;

  constructor(request: ProcessRequest, landed: readonly LandedSource[]) {
    this.#request = request;
    this.#landed = landed;
    this.#rejects = new RejectLog(request.warehouse);
    this.#writer = new ZoneWriter(request.lake, request.warehouse, STAGING_PREFIX);
    this.#lookups = new LookupStore(request.portfolio.sources);
  }

  async process(): Promise<Funnel> {
    await this.#rejects.open();
    await this.#writer.open();
    for (const [number, source] of this.#request.portfolio.sources.entries()) await this.#readSource(number, source);
    for (const staged of this.#staged.values()) await staged.flush();
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
    const open = await this.#openSource(number, source);
    this.#sources.push(open);
    const { lake, onProgress, signal } = this.#request;
    const total = this.#landed.reduce((sum, landed) => sum + landed.bytes, 0);
    const onBytes = (bytes: number) => onProgress?.(this.#bytesBefore + bytes, total, source.name);
    let toRecord: RecordMaker | null = null;
    for await (const { dialect, rows } of readDelimited(lake.path(open.landed.key), {
      ...readOptions(source),
      onBytes,
      signal,
    })) {
      if (!toRecord) toRecord = recordMaker(dialect, source);
      for (const row of rows) this.#takeRow(open, row, dialect, toRecord);
      for (const target of open.targets) await target.staged.flushWhenFull();
      await this.#rejects.flushWhenFull();
    }
    this.#bytesBefore += open.landed.bytes;
  }

  async #openSource(number: number, source: SourceFile): Promise<OpenSource> {
    const landed = this.#landed.find((candidate) => candidate.source === source.name);
    if (!landed) {
      throw new AssayError('not_found', {
        what: `source "${source.name}" has not been landed`,
        fix: 'land the source files again',
      });
    }
    const targets: Target[] = [];
    for (const definition of source.targets) {
      const staged = await this.#stagedTable(definition.table);
      targets.push({
        definition,
        staged,
        validator: createRowValidator(definition.table),
        counter: new TableCounter(definition.table.name),
      });
    }
    return { number, source, landed, targets, excludedBy: new Map(), rowsRead: 0, excluded: 0 };
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

  #takeRow(open: OpenSource, row: DelimitedRow, dialect: Dialect, toRecord: RecordMaker): void {
    open.rowsRead++;
    if (row.fault) {
      for (const target of open.targets) target.counter.reject(row.fault.field, row.fault.kind);
      this.#reject(open, null, row, dialect, row.fault.field, row.fault.message, null);
      return;
    }
    const record = toRecord(row.cells);
    const excluded = open.source.exclude?.(record) ?? null;
    if (excluded !== null) {
      open.excluded++;
      open.excludedBy.set(excluded, (open.excludedBy.get(excluded) ?? 0) + 1);
      this.#log('excluded', open, null, row, dialect, null, excluded, null);
      return;
    }
    for (const target of open.targets) this.#mapRow(open, target, record, row, dialect);
  }

  #mapRow(open: OpenSource, target: Target, record: RawRecord, row: DelimitedRow, dialect: Dialect): void {
    const { counter, definition, staged, validator } = target;
    const mapped = this.#mapped(open, definition, record, row);
    if (mapped instanceof MappingError) {
      counter.reject(mapped.field, mapped.message);
      this.#reject(
        open,
        definition.table.name,
        row,
        dialect,
        mapped.field,
        mapped.message,
        record[mapped.field] ?? null,
      );
      return;
    }
    if (mapped === null) {
      counter.notMapped++;
      return;
    }
    if (counter.offered++ === 0) refuseUnknownFields(validator, mapped, definition.table);
    const issue = validator.append(mapped, staged.columns);
    if (issue) {
      counter.reject(issue.field, issue.reason);
      this.#reject(open, definition.table.name, row, dialect, issue.field, issue.reason, issue.value);
      return;
    }
    staged.placed(open.number, row.line, row.index);
    this.#lookups.keep(definition.table, mapped);
  }

  #mapped(
    open: OpenSource,
    target: SourceTarget,
    record: RawRecord,
    row: DelimitedRow,
  ): MappedRow | null | MappingError {
    try {
      return target.map(record, row.index, this.#lookups.contextFor(target));
    } catch (error) {
      if (error instanceof MappingError) return error;
      const what = error instanceof Error ? error.message : String(error);
      throw new AssayError(
        error instanceof AssayError ? error.code : 'bad_input',
        {
          what: `source "${open.source.name}", line ${row.line} of ${open.landed.file}: ${what}`,
          fix: `look at the mapper of table "${target.table.name}" in portfolio.ts`,
        },
        { cause: error },
      );
    }
  }

  #reject(
    open: OpenSource,
    table: string | null,
    row: DelimitedRow,
    dialect: Dialect,
    field: string | null,
    reason: string,
    value: string | null,
  ): void {
    this.#log('rejected', open, table, row, dialect, field, reason, value);
  }

  #log(
    kind: 'rejected' | 'excluded',
    open: OpenSource,
    table: string | null,
    row: DelimitedRow,
    dialect: Dialect,
    field: string | null,
    reason: string,
    value: string | null,
  ): void {
    const { source, landed } = open;
    this.#rejects.add({
      kind,
      source: source.name,
      file: landed.file,
      table,
      line: row.line,
      sourceRow: row.index,
      field,
      reason,
      value,
      raw: rawText(row, dialect),
    });
  }

  async #clearRepeats(staged: StagedTable): Promise<void> {
    for (const repeat of await removeRepeats(staged, this.#request.warehouse)) {
      const open = this.#sources[repeat.source]!;
      const counter = open.targets.find((target) => target.staged === staged)!.counter;
      const reason = repeat.same ? 'the same row again' : 'the key of another row with other content';
      if (repeat.same) counter.duplicates++;
      else counter.reject(staged.table.key.join('+'), reason);
      this.#rejects.add({
        kind: repeat.same ? 'duplicate' : 'rejected',
        source: open.source.name,
        file: open.landed.file,
        table: staged.table.name,
        line: repeat.line,
        sourceRow: repeat.sourceRow,
        field: staged.table.key.join('+'),
        reason,
        value: null,
        raw: repeat.raw,
      });
      await this.#rejects.flushWhenFull();
    }
  }

  async #write(): Promise<Funnel> {
    const tables = [];
    const written = new Map<string, Map<number, number>>();
    for (const [name, staged] of this.#staged) {
      if (this.#request.signal?.aborted)
        throw new AssayError('cancelled', { what: 'processing the raw zone was cancelled' });
      written.set(name, await countBySource(staged, this.#request.warehouse));
      tables.push(await this.#writer.writeTable(staged));
    }
    const sources = this.#sources.map((open) => closeSource(open, written));
    const rowsRead = sources.reduce((sum, source) => sum + source.rowsRead, 0);
    const funnel: Funnel = {
      format: 'assay-funnel/1',
      portfolio: this.#request.portfolio.name,
      createdAt: this.#request.clock.now().toISOString(),
      rowsRead,
      ...rejectedShareOf(sources),
      sources,
      tables,
    };
    await this.#writer.writeRejects();
    await this.#writer.writeText('_quality/funnel.json', `${JSON.stringify(funnel, null, 2)}\n`);
    return funnel;
  }
}

function closeSource(open: OpenSource, written: ReadonlyMap<string, ReadonlyMap<number, number>>): SourceFunnel {
  const { source, landed, rowsRead, excluded } = open;
  const tables = open.targets.map(({ counter }) =>
    closeTable(counter, source.name, rowsRead, excluded, written.get(counter.table)?.get(open.number) ?? 0),
  );
  return {
    source: source.name,
    file: landed.file,
    sha256: landed.sha256,
    bytes: landed.bytes,
    rowsRead,
    excluded,
    excludedBy: sorted(open.excludedBy),
    tables,
  };
}
