import { createHash } from 'node:crypto';
import { rawFileLines } from './consumers/raw-file.ts';
import { isIssue, type StreamedEvent } from './events/event.ts';
import type { EventFact, EventMapper } from './events/event-mapper.ts';
import { streamedEventOf } from './events/prepare.ts';
import { closeTable, type SourceFunnel, sorted, TableCounter } from './funnel.ts';
import type { LandedSource } from './land-raw.ts';
import type { Reject, RejectLog } from './rejects.ts';
import type { Repeat, StagedTable } from './stage-table.ts';

/** The name under which streamed events stand in the funnel, beside the portfolio's files. */
export const STREAM_SOURCE = 'stream';

export type StreamedSourceOptions = {
  /** Behind the portfolio's sources. */
  readonly number: number;
  readonly landed: readonly LandedSource[];
  readonly mapper: EventMapper;
  readonly staged: ReadonlyMap<string, StagedTable>;
  readonly rejects: RejectLog;
};

/** Takes the events that the stream left in the raw zone: each fact is staged for its table, as a row of a file would be. */
export class StreamedSource {
  readonly #options: StreamedSourceOptions;
  readonly #counters = new Map<string, TableCounter>();
  readonly #excludedBy = new Map<string, number>();
  #rowsRead = 0;
  #excluded = 0;

  constructor(options: StreamedSourceOptions) {
    this.#options = options;
    for (const { name } of options.mapper.tables) this.#counters.set(name, new TableCounter(name));
  }

  take(landed: LandedSource, content: Uint8Array): void {
    for (const [i, line] of rawFileLines(content, landed.key).entries()) this.#takeEvent(line, i + 1, landed.file);
  }

  #takeEvent(text: string, line: number, file: string): void {
    const event = streamedEventOf(text);
    const mapped = this.#options.mapper.map(event);
    if (isIssue(mapped)) {
      for (const counter of this.#counters.values()) counter.reject(mapped.field, mapped.reason);
      this.#log(event, { kind: 'rejected', table: null, file, line, field: mapped.field, reason: mapped.reason });
      this.#rowsRead++;
      return;
    }
    for (const reason of mapped.skipped) {
      this.#excluded++;
      this.#excludedBy.set(reason, (this.#excludedBy.get(reason) ?? 0) + 1);
      this.#log(event, { kind: 'excluded', table: null, file, line, field: null, reason });
      this.#rowsRead++;
    }
    for (const fact of mapped.facts) this.#stage(fact, line);
  }

  #stage({ table, values }: EventFact, line: number): void {
    const staged = this.#options.staged.get(table)!;
    for (const [i, value] of values.entries()) staged.columns[i]!.push(value);
    staged.placed(this.#options.number, line, this.#rowsRead++);
    for (const [name, counter] of this.#counters) if (name !== table) counter.notMapped++;
  }

  /** Counts facts that left the staging because their person was erased. */
  erased(staged: StagedTable, rows: number): void {
    this.#counters.get(staged.table.name)!.erased += rows;
  }

  /** Counts and keeps a fact whose key had been seen before. */
  repeated(staged: StagedTable, repeat: Repeat): void {
    const counter = this.#counters.get(staged.table.name)!;
    const field = staged.table.key.join('+');
    const reason = repeat.same ? 'the same row again' : 'the key of another row with other content';
    if (repeat.same) counter.duplicates++;
    else counter.reject(field, reason);
    this.#options.rejects.add({
      kind: repeat.same ? 'duplicate' : 'rejected',
      source: STREAM_SOURCE,
      file: STREAM_SOURCE,
      table: staged.table.name,
      line: repeat.line,
      sourceRow: repeat.sourceRow,
      field,
      reason,
      value: null,
      raw: repeat.raw,
    });
  }

  #log(event: StreamedEvent, about: Pick<Reject, 'kind' | 'table' | 'file' | 'line' | 'field' | 'reason'>): void {
    const raw = JSON.stringify(event).slice(0, MAX_RAW_CHARS);
    this.#options.rejects.add({ ...about, source: STREAM_SOURCE, sourceRow: this.#rowsRead, value: null, raw });
  }

  /** `writtenOf`: facts of the stream that a table's staging holds in the end. */
  close(writtenOf: (table: string) => number): SourceFunnel {
    const { landed } = this.#options;
    const hash = createHash('sha256');
    for (const { key, sha256 } of landed) hash.update(`${key} ${sha256}\n`);
    return {
      source: STREAM_SOURCE,
      file: `${landed.length} files`,
      sha256: hash.digest('hex'),
      bytes: landed.reduce((sum, { bytes }) => sum + bytes, 0),
      rowsRead: this.#rowsRead,
      excluded: this.#excluded,
      excludedBy: sorted(this.#excludedBy),
      tables: [...this.#counters.values()].map((counter) =>
        closeTable(counter, {
          source: STREAM_SOURCE,
          rowsRead: this.#rowsRead,
          excluded: this.#excluded,
          written: writtenOf(counter.table),
        }),
      ),
    };
  }
}

const MAX_RAW_CHARS = 2_000;
