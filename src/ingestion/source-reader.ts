import {
  AssayError,
  type MappedRow,
  MappingError,
  type RawRecord,
  type SourceFile,
  type SourceTarget,
} from '../domain/index.ts';
import { type DelimitedRow, type Dialect, type ErasedPersons, NOBODY_ERASED } from '../platform/index.ts';
import { closeTable, type SourceFunnel, sorted, TableCounter } from './funnel.ts';
import type { LandedSource } from './land-raw.ts';
import type { LookupStore } from './lookup-store.ts';
import { type RecordMaker, recordMaker, refuseUnknownFields } from './read-records.ts';
import { type Reject, type RejectLog, rawText } from './rejects.ts';
import type { Repeat, StagedTable } from './stage-table.ts';
import { createRowValidator, type RowValidator } from './validate.ts';

type Target = {
  readonly definition: SourceTarget;
  readonly staged: StagedTable;
  readonly validator: RowValidator;
  readonly counter: TableCounter;
};

export type SourceReaderOptions = {
  /** Position in the portfolio's sources. */
  readonly number: number;
  readonly source: SourceFile;
  readonly landed: LandedSource;
  /** One for each of the source's targets. */
  readonly staged: readonly StagedTable[];
  readonly rejects: RejectLog;
  readonly lookups: LookupStore;
  readonly erased?: ErasedPersons | undefined;
};

/** Takes the rows of one source: each is excluded, rejected, or staged for its tables, and counted. */
export class SourceReader {
  readonly landed: LandedSource;
  readonly #options: SourceReaderOptions;
  readonly #targets: readonly Target[];
  readonly #excludedBy = new Map<string, number>();
  #rowsRead = 0;
  #excluded = 0;
  #toRecord: RecordMaker | null = null;

  constructor(options: SourceReaderOptions) {
    this.#options = options;
    this.landed = options.landed;
    this.#targets = options.source.targets.map((definition, i) => ({
      definition,
      staged: options.staged[i]!,
      validator: createRowValidator(definition.table),
      counter: new TableCounter(definition.table.name),
    }));
  }

  take(rows: readonly DelimitedRow[], dialect: Dialect): void {
    this.#toRecord ??= recordMaker(dialect, this.#options.source);
    for (const row of rows) this.#takeRow(row, dialect, this.#toRecord);
  }

  #takeRow(row: DelimitedRow, dialect: Dialect, toRecord: RecordMaker): void {
    this.#rowsRead++;
    if (row.fault) {
      const { field, kind, message } = row.fault;
      for (const target of this.#targets) target.counter.reject(field, kind);
      this.#log(row, dialect, { kind: 'rejected', table: null, field, reason: message, value: null });
      return;
    }
    const record = toRecord(row.cells);
    const reason = this.#options.source.exclude?.(record) ?? null;
    if (reason !== null) {
      this.#excluded++;
      this.#excludedBy.set(reason, (this.#excludedBy.get(reason) ?? 0) + 1);
      this.#log(row, dialect, { kind: 'excluded', table: null, field: null, reason, value: null });
      return;
    }
    for (const target of this.#targets) {
      const issue = this.#stage(target, record, row);
      if (!issue) continue;
      target.counter.reject(issue.field, issue.reason);
      this.#log(row, dialect, { kind: 'rejected', table: target.definition.table.name, ...issue });
    }
  }

  /** Stages the record's row for one table, or says what is wrong with it. */
  #stage(
    target: Target,
    record: RawRecord,
    row: DelimitedRow,
  ): (Pick<Reject, 'reason' | 'value'> & { field: string }) | null {
    const { counter, definition, staged, validator } = target;
    const mapped = this.#mapped(definition, record, row);
    if (mapped instanceof MappingError) {
      return { field: mapped.field, reason: mapped.message, value: record[mapped.field] ?? null };
    }
    if (mapped === null) {
      counter.notMapped++;
      return null;
    }
    if (counter.offered++ === 0) refuseUnknownFields(validator, mapped, definition.table);
    const issue = validator.append(mapped, staged.columns);
    if (issue && (this.#options.erased ?? NOBODY_ERASED).has(mapped['borrower_id'])) {
      counter.erased++;
      return null;
    }
    if (issue) return issue;
    staged.placed(this.#options.number, row.line, row.index);
    this.#options.lookups.keep(definition.table, mapped);
    return null;
  }

  #mapped(target: SourceTarget, record: RawRecord, row: DelimitedRow): MappedRow | null | MappingError {
    try {
      return target.map(record, row.index, this.#options.lookups.contextFor(target));
    } catch (error) {
      if (error instanceof MappingError) return error;
      const what = error instanceof Error ? error.message : String(error);
      throw new AssayError(
        error instanceof AssayError ? error.code : 'bad_input',
        {
          what: `source "${this.#options.source.name}", line ${row.line} of ${this.landed.file}: ${what}`,
          fix: `look at the mapper of table "${target.table.name}" in portfolio.ts`,
        },
        { cause: error },
      );
    }
  }

  /** Counts rows that left the staging because their person was erased. */
  erased(staged: StagedTable, rows: number): void {
    this.#targets.find((target) => target.staged === staged)!.counter.erased += rows;
  }

  /** Counts and keeps a row whose key had been seen before. */
  repeated(staged: StagedTable, repeat: Repeat): void {
    const counter = this.#targets.find((target) => target.staged === staged)!.counter;
    const field = staged.table.key.join('+');
    const reason = repeat.same ? 'the same row again' : 'the key of another row with other content';
    if (repeat.same) counter.duplicates++;
    else counter.reject(field, reason);
    this.#options.rejects.add({
      kind: repeat.same ? 'duplicate' : 'rejected',
      source: this.#options.source.name,
      file: this.landed.file,
      table: staged.table.name,
      line: repeat.line,
      sourceRow: repeat.sourceRow,
      field,
      reason,
      value: null,
      raw: repeat.raw,
    });
  }

  #log(
    row: DelimitedRow,
    dialect: Dialect,
    about: Pick<Reject, 'kind' | 'table' | 'field' | 'reason' | 'value'>,
  ): void {
    this.#options.rejects.add({
      ...about,
      source: this.#options.source.name,
      file: this.landed.file,
      line: row.line,
      sourceRow: row.index,
      raw: rawText(row, dialect),
    });
  }

  /** `writtenOf`: rows of this source that a table's staging holds in the end. */
  close(writtenOf: (table: string) => number): SourceFunnel {
    const { landed } = this;
    const { source } = this.#options;
    return {
      source: source.name,
      file: landed.file,
      sha256: landed.sha256,
      bytes: landed.bytes,
      rowsRead: this.#rowsRead,
      excluded: this.#excluded,
      excludedBy: sorted(this.#excludedBy),
      tables: this.#targets.map(({ counter }) =>
        closeTable(counter, {
          source: source.name,
          rowsRead: this.#rowsRead,
          excluded: this.#excluded,
          written: writtenOf(counter.table),
        }),
      ),
    };
  }
}
