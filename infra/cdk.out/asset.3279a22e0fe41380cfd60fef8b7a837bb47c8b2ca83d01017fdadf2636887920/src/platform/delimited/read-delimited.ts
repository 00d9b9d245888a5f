import { AssayError } from '../../domain/index.ts';
import { readBytes } from './bytes.ts';
import {
  DEFAULT_BATCH_ROWS,
  DEFAULT_MAX_CELL_CHARS,
  DEFAULT_MAX_RECORD_CHARS,
  type DelimitedBatch,
  type DelimitedOptions,
  type DelimitedRow,
  type Dialect,
} from './options.ts';
import { emptyFile, sniffDialect } from './sniff.ts';
import { createDecoding, detectEncoding, InvalidByteError, type TextDecoding } from './text.ts';
import { faultOf, RecordTokenizer } from './tokenizer.ts';

/** Text looked at to find delimiter and header; a header line longer than this is read on for. */
const SNIFF_CHARS = 64 * 1024;

/**
 * Reads a delimited text file in batches: CSV and its relatives, plain or gzip, whatever its delimiter and encoding.
 * A row that cannot be cut into the header's cells comes out with its `fault`; nothing is dropped but blank lines.
 * A file with a header and no row gives one batch without rows. Memory is bounded by a batch and one record.
 *
 * @throws AssayError not_found: no such file; bad_input: empty, damaged gzip, not text, invalid UTF-8 (names the line),
 *   a record above the limit (an unclosed quote); cancelled.
 * @example for await (const { dialect, rows } of readDelimited('book.csv')) console.log(dialect.header, rows.length);
 */
export async function* readDelimited(path: string, options: DelimitedOptions = {}): AsyncGenerator<DelimitedBatch> {
  const reader = new BatchReader(path, options);
  for await (const chunk of readBytes(path, options)) yield* reader.push(chunk, false);
  yield* reader.push(Buffer.alloc(0), true);
}

/** Delimiter, encoding and header of a file, without reading the rest. */
export async function readDialect(path: string, options: DelimitedOptions = {}): Promise<Dialect> {
  const reader = new BatchReader(path, options);
  for await (const chunk of readBytes(path, options)) {
    reader.push(chunk, false);
    if (reader.dialect) return reader.dialect;
  }
  reader.push(Buffer.alloc(0), true);
  return reader.dialect!;
}

class BatchReader {
  readonly #path: string;
  readonly #options: DelimitedOptions;
  #head: Buffer = Buffer.alloc(0);
  #decode: TextDecoding | null = null;
  #encoding: Dialect['encoding'] = 'utf-8';
  #sample = '';
  #tokenizer: RecordTokenizer | null = null;
  #rows: DelimitedRow[] = [];
  #index = 0;
  #emitted = false;
  dialect: Dialect | null = null;

  constructor(path: string, options: DelimitedOptions) {
    this.#path = path;
    this.#options = options;
  }

  push(bytes: Buffer, last: boolean): DelimitedBatch[] {
    const text = this.#text(bytes, last);
    if (!this.dialect) {
      this.#sample += text;
      if (!last && this.#sample.length < SNIFF_CHARS) return [];
      if (!this.#start(last)) return [];
      const sample = this.#sample;
      this.#sample = '';
      return this.#cut(sample, last);
    }
    return this.#cut(text, last);
  }

  #text(bytes: Buffer, last: boolean): string {
    const input = this.#decode ? bytes : Buffer.concat([this.#head, bytes]);
    if (!this.#decode) {
      if (input.length < 4 && !last) {
        this.#head = input;
        return '';
      }
      return this.#decodeFirst(input, last);
    }
    return this.#decoded(input, last);
  }

  #decodeFirst(input: Buffer, last: boolean): string {
    const found = detectEncoding(input);
    this.#encoding = found.markBytes > 0 ? found.encoding : (this.#options.encoding ?? found.encoding);
    this.#decode = createDecoding(this.#encoding);
    return this.#decoded(input.subarray(found.markBytes), last);
  }

  #decoded(input: Buffer, last: boolean): string {
    try {
      return this.#decode!(input, last);
    } catch (error) {
      throw error instanceof InvalidByteError ? this.#invalidText(error) : error;
    }
  }

  #invalidText(error: InvalidByteError): AssayError {
    const before = this.#sample + error.before;
    const line = this.#tokenizer ? this.#tokenizer.lineAfter(error.before) : before.split('\n').length;
    const start = before.lastIndexOf('\n') + 1;
    return new AssayError(
      'bad_input',
      {
        what: `${this.#path} is not ${this.#encoding}: an invalid byte 0x${error.byte.toString(16)} on line ${line}`,
        given: JSON.stringify(before.slice(start).slice(-60)),
        allowed: 'utf-8 (default), latin1, utf-16le, utf-16be',
        fix: 'name the encoding: try --encoding latin1',
      },
      { cause: error },
    );
  }

  #start(last: boolean): boolean {
    if (this.#sample.trim() === '' && last) throw emptyFile(this.#path);
    this.dialect = this.#sniffed(last);
    if (!this.dialect) return false;
    const maxCellChars = this.#options.maxCellChars ?? DEFAULT_MAX_CELL_CHARS;
    this.#tokenizer = new RecordTokenizer({ ...this.dialect, maxCellChars });
    return true;
  }

  /** Null while the first record is not complete and more text may come. */
  #sniffed(last: boolean): Dialect | null {
    const complete = last || this.#sample.includes('\n') || this.#sample.includes('\r');
    if (!complete) {
      this.#refuseLongRecord(this.#sample.length, 1);
      return null;
    }
    return sniffDialect(this.#sample, last, this.#path, this.#encoding, this.#options);
  }

  #cut(text: string, last: boolean): DelimitedBatch[] {
    const tokenizer = this.#tokenizer!;
    const dialect = this.dialect!;
    const limit = this.#options.maxCellChars ?? DEFAULT_MAX_CELL_CHARS;
    const batchRows = this.#options.batchRows ?? DEFAULT_BATCH_ROWS;
    const batches: DelimitedBatch[] = [];
    const tokens = tokenizer.push(text, last);
    // The header is the first record only; it was named when the file was sniffed.
    const from = dialect.hasHeader && this.#index === 0 && !this.#headerSeen && tokens.length > 0 ? 1 : 0;
    if (tokens.length > 0) this.#headerSeen = true;
    for (let i = from; i < tokens.length; i++) {
      const { line, cells } = tokens[i]!;
      this.#rows.push({ index: this.#index++, line, cells, fault: faultOf(tokens[i]!, dialect.header, limit) });
      if (this.#rows.length >= batchRows) batches.push(this.#batch());
    }
    this.#refuseLongRecord(tokenizer.pendingChars, tokenizer.line);
    if (last && (this.#rows.length > 0 || !this.#emitted)) batches.push(this.#batch());
    return batches;
  }
  #headerSeen = false;

  #batch(): DelimitedBatch {
    const rows = this.#rows;
    this.#rows = [];
    this.#emitted = true;
    return { dialect: this.dialect!, rows };
  }

  #refuseLongRecord(chars: number, line: number): void {
    const limit = this.#options.maxRecordChars ?? DEFAULT_MAX_RECORD_CHARS;
    if (chars <= limit) return;
    throw new AssayError('bad_input', {
      what: `${this.#path}: the record that starts on line ${line} does not end within ${limit} characters`,
      allowed: `records of at most ${limit} characters`,
      fix: 'look for a quote that is never closed on that line, or name another --delimiter / quote',
    });
  }
}
