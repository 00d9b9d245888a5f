/** How a delimited text file is read. Everything left unset is found out from the file itself. */
export type Encoding = 'utf-8' | 'latin1' | 'utf-16le' | 'utf-16be';

export type DelimitedOptions = {
  /** One character, or 'whitespace' for runs of blanks and tabs. Unset: sniffed among , ; tab | and whitespace. */
  readonly delimiter?: string;
  /** Default '"'; null: quotes are ordinary characters. A quote is escaped by doubling it. */
  readonly quote?: string | null;
  /** Default true. False: columns are called c1, c2, … */
  readonly header?: boolean;
  /** Unset: by byte order mark, else UTF-8, checked byte by byte. */
  readonly encoding?: Encoding;
  /** Rows in one batch; default 8192. */
  readonly batchRows?: number;
  /** A longer cell makes its row a fault; default 64 Ki characters. */
  readonly maxCellChars?: number;
  /** A longer record ends the read: the file is not what it seems, or a quote is never closed; default 16 Mi characters. */
  readonly maxRecordChars?: number;
  /** Bytes a compressed file may unfold to; default 16 GiB. From 16 MiB on it may unfold to at most 250 times its size. */
  readonly maxDecompressedBytes?: number;
  readonly signal?: AbortSignal;
  /** Bytes of the file as it lies on disk read so far, for progress bars. */
  readonly onBytes?: (bytesRead: number) => void;
};

/** What was found out about a file before its first row. */
export type Dialect = {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly encoding: Encoding;
  /** Line end, '\n' (with or without '\r' before it) or a lone '\r'. */
  readonly lineEnd: '\n' | '\r';
  /** Unique names: an empty name becomes `c<position>`, a repeated one gets `_2`, `_3` … */
  readonly header: readonly string[];
  readonly hasHeader: boolean;
  /** 0-based positions whose header cell was empty. */
  readonly unnamed: readonly number[];
  /** Header names found more than once, with their 0-based positions. */
  readonly repeated: readonly { readonly name: string; readonly positions: readonly number[] }[];
};

export type RowFault = {
  readonly kind: 'ragged' | 'cell_too_long' | 'unclosed_quote';
  /** Column at fault, where there is one. */
  readonly field: string | null;
  readonly message: string;
  /** The text of the row, cut to 2,000 characters. */
  readonly raw: string;
};

export type DelimitedRow = {
  /** 0-based among the records of the file, faults included, header excluded. */
  readonly index: number;
  /** 1-based physical line on which the record starts. */
  readonly line: number;
  /** As many as the header has, unless `fault` says otherwise. */
  readonly cells: readonly string[];
  readonly fault: RowFault | null;
};

export type DelimitedBatch = { readonly dialect: Dialect; readonly rows: readonly DelimitedRow[] };

export const DEFAULT_BATCH_ROWS = 8192;
export const DEFAULT_MAX_CELL_CHARS = 64 * 1024;
export const DEFAULT_MAX_RECORD_CHARS = 16 * 1024 * 1024;
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 16 * 1024 ** 3;
/** Tables pack to a tenth or a thirtieth; what packs more is made to fill a disk. */
export const MAX_UNFOLDING = 250;
export const FREE_UNFOLDING_BYTES = 16 * 1024 ** 2;
export const MAX_COLUMNS = 10_000;
export const MAX_RAW_CHARS = 2_000;
