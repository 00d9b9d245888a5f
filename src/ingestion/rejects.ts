import {
  type DelimitedRow,
  type Dialect,
  type ErasedPersons,
  NOBODY_ERASED,
  type Warehouse,
} from '../platform/index.ts';

export type RejectKind = 'rejected' | 'excluded' | 'duplicate';

export type Reject = {
  readonly kind: RejectKind;
  readonly source: string;
  readonly file: string;
  /** Null: the row was refused before it reached a table. */
  readonly table: string | null;
  readonly line: number;
  readonly sourceRow: number;
  readonly field: string | null;
  readonly reason: string;
  readonly value: string | null;
  /** The row as found, or, for a repeat, as mapped (JSON). */
  readonly raw: string;
};

export const REJECTS_STAGE = 'ingest_rejects';
const FLUSH_ROWS = 10_000;
const MAX_RAW_CHARS = 2_000;

/** In the place of a row that names an erased person. */
const ERASED_ROW = '(of an erased person)';

/**
 * Rows that did not make it, kept with their reason; staged in the warehouse so that a bad delivery cannot fill memory. Of a row
 * that names an erased person the place and the reason are kept, not what it said.
 */
export class RejectLog {
  readonly #warehouse: Warehouse;
  readonly #erased: ErasedPersons;
  #rows: Reject[] = [];

  constructor(warehouse: Warehouse, erased: ErasedPersons = NOBODY_ERASED) {
    this.#warehouse = warehouse;
    this.#erased = erased;
  }

  async open(): Promise<void> {
    await this.#warehouse.run(
      `CREATE OR REPLACE TABLE ${REJECTS_STAGE} (kind VARCHAR, source VARCHAR, file VARCHAR, "table" VARCHAR, line BIGINT,
       source_row BIGINT, field VARCHAR, reason VARCHAR, value VARCHAR, raw VARCHAR)`,
    );
  }

  add(reject: Reject): void {
    const isErased = this.#erased.namedIn(reject.raw);
    this.#rows.push(isErased ? { ...reject, value: null, raw: ERASED_ROW } : reject);
  }

  async flush(minRows = 0): Promise<void> {
    if (this.#rows.length === 0 || this.#rows.length < minRows) return;
    const rows = this.#rows;
    this.#rows = [];
    await this.#warehouse.append(REJECTS_STAGE, [
      rows.map((row) => row.kind),
      rows.map((row) => row.source),
      rows.map((row) => row.file),
      rows.map((row) => row.table),
      rows.map((row) => row.line),
      rows.map((row) => row.sourceRow),
      rows.map((row) => row.field),
      rows.map((row) => row.reason),
      rows.map((row) => row.value),
      rows.map((row) => row.raw.replaceAll('\0', '\\0')),
    ]);
  }

  flushWhenFull(): Promise<void> {
    return this.flush(FLUSH_ROWS);
  }
}

/** The text of a row that was cut into cells, for the record of rejects. */
export function rawText(row: DelimitedRow, dialect: Dialect): string {
  if (row.fault) return row.fault.raw;
  return row.cells.join(dialect.delimiter === 'whitespace' ? ' ' : dialect.delimiter).slice(0, MAX_RAW_CHARS);
}
