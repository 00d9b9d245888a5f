import type { TableSchema } from './table.ts';

/** A raw record: header name (or `c1`, `c2` … where the file has no header) to the text found; '' where empty. */
export type RawRecord = Readonly<Record<string, string>>;

/**
 * What a mapper gives for one target row: column name to value. Text is parsed by the column's type on validation
 * ('2011-12-01', '12.5', 'true'); null = missing. Money must already be integer minor units.
 */
export type MappedRow = Readonly<Record<string, string | number | boolean | null>>;

/** Thrown by a mapper for a row that cannot be mapped; becomes a reject with this field and reason. */
export class MappingError extends Error {
  readonly field: string;
  constructor(field: string, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'MappingError';
    this.field = field;
  }
}

export type SourceFile = {
  readonly name: string;
  /** Relative to the data directory (`--data DIR`), e.g. 'berka/account.asc'. `.gz` is decompressed. */
  readonly path: string;
  readonly format: 'csv';
  readonly delimiter?: string;
  readonly quote?: string | null;
  readonly header?: boolean;
  readonly encoding?: 'utf-8' | 'latin1';
  /** Texts that mean missing, beside the empty one. */
  readonly missing?: readonly string[];
  /** Rows the portfolio leaves out on purpose; counted in the funnel under this reason, kept with the rejects. */
  readonly exclude?: (record: RawRecord) => string | null;
  /** One raw record becomes a row of each of these tables. */
  readonly targets: readonly SourceTarget[];
};

export type SourceTarget = {
  readonly table: TableSchema;
  /** Tables of earlier sources that `map` looks into through its context; held in memory while this portfolio is read. */
  readonly lookups?: readonly string[];
  /** `record` as read; `rowIndex` 0-based in the file. Null: this record has no row for this table. */
  readonly map: (record: RawRecord, rowIndex: number, context: MapContext) => MappedRow | null;
};

/** Small tables read earlier that a mapper may look into (say account -> borrower), by table name and key. */
export type MapContext = { readonly lookup: (table: string, key: string) => MappedRow | undefined };
