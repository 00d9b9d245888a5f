import { MAX_RAW_CHARS, type RowFault } from './options.ts';

export type TokenizerOptions = {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly lineEnd: '\n' | '\r';
  readonly maxCellChars: number;
};

export type Token = {
  readonly line: number;
  readonly cells: readonly string[];
  readonly unclosed: boolean;
  /** Position of a cell above the limit, or -1; its text is cut away so that it is not kept. */
  readonly longCell: number;
  /** Set for a token that is at fault. */
  readonly raw: string;
};

/**
 * Cuts text into records. Fed chunk by chunk; the unfinished end waits for the next chunk.
 *
 * Why not csv-parse: side by side on the 1,754,155-row card file it read 24 MB/s where this reads several times that
 * (`bench/ingest.ts`). It walks byte by byte; here a line without a quote, nearly every line of a bank's file, is one
 * indexOf and one split.
 */
export class RecordTokenizer {
  readonly #options: TokenizerOptions;
  #carry = '';
  #line = 1;

  constructor(options: TokenizerOptions) {
    this.#options = options;
  }

  /** Characters held back until their record is complete. */
  get pendingChars(): number {
    return this.#carry.length;
  }

  /** 1-based physical line on which the unfinished record starts. */
  get line(): number {
    return this.#line;
  }

  /** Physical line reached once `text` is read too. */
  lineAfter(text: string): number {
    return this.#line + countLineEnds(this.#carry, this.#options.lineEnd) + countLineEnds(text, this.#options.lineEnd);
  }

  push(text: string, last: boolean): Token[] {
    const buffer = this.#carry === '' ? text : this.#carry + text;
    const { quote, lineEnd } = this.#options;
    const tokens: Token[] = [];
    let at = 0;
    let nextQuote = quote === null ? Number.POSITIVE_INFINITY : indexOrEnd(buffer, quote, 0);
    while (at < buffer.length) {
      const end = buffer.indexOf(lineEnd, at);
      if (end < 0 && !last) break;
      const stop = end < 0 ? buffer.length : end;
      if (quote !== null && nextQuote < at) nextQuote = indexOrEnd(buffer, quote, at);
      if (nextQuote > stop) {
        this.#plainLine(buffer, at, stop, tokens);
        at = stop + 1;
      } else {
        const next = this.#quotedRecord(buffer, at, last, tokens);
        if (next < 0) break;
        at = next;
      }
    }
    this.#carry = at >= buffer.length ? '' : buffer.slice(at);
    return tokens;
  }

  #plainLine(buffer: string, at: number, stop: number, tokens: Token[]): void {
    const end = stop > at && buffer.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
    const line = this.#line++;
    if (end === at) return; // a blank line is not a record
    const text = buffer.slice(at, end);
    if (this.#options.delimiter === 'whitespace') {
      const trimmed = text.trim();
      if (trimmed !== '') tokens.push(this.#token(line, trimmed.split(/[ \t]+/), text, false));
    } else tokens.push(this.#token(line, text.split(this.#options.delimiter), text, false));
  }

  /** A record with a quote in its first line, which may run over many lines. Returns where the next starts, -1: not complete. */
  #quotedRecord(buffer: string, start: number, last: boolean, tokens: Token[]): number {
    const { lineEnd } = this.#options;
    const delimiter = this.#options.delimiter === 'whitespace' ? ' ' : this.#options.delimiter;
    const cells: string[] = [];
    let at = start;
    for (;;) {
      const cell = this.#cell(buffer, at, delimiter);
      if (cell.end < 0) {
        if (!last) return -1;
        cells.push(cell.text);
        this.#finish(buffer, start, buffer.length, cells, true, tokens);
        return buffer.length;
      }
      if (cell.end >= buffer.length && !last) return -1;
      cells.push(cell.text);
      if (cell.end < buffer.length && buffer.startsWith(delimiter, cell.end)) {
        at = cell.end + delimiter.length;
        continue;
      }
      this.#finish(buffer, start, cell.end, cells, false, tokens);
      return cell.end + lineEnd.length;
    }
  }

  /** One cell from `at`; `end` is the index of what follows it, -1 when its quote is not closed. */
  #cell(buffer: string, at: number, delimiter: string): { text: string; end: number } {
    const { quote } = this.#options;
    if (quote === null || buffer[at] !== quote) return this.#rest(buffer, at, '', delimiter);
    let text = '';
    let from = at + 1;
    for (;;) {
      const close = buffer.indexOf(quote, from);
      if (close < 0) return { text: text + buffer.slice(from), end: -1 };
      if (buffer[close + 1] !== quote)
        return this.#rest(buffer, close + 1, text + buffer.slice(from, close), delimiter);
      text += buffer.slice(from, close + 1);
      from = close + 2;
    }
  }

  /** The unquoted text up to the next delimiter or line end, after what a quoted part gave. */
  #rest(buffer: string, at: number, before: string, delimiter: string): { text: string; end: number } {
    const { lineEnd } = this.#options;
    let end = at;
    while (end < buffer.length && buffer[end] !== lineEnd && buffer[end] !== delimiter) end++;
    const cut = buffer[end] !== delimiter && buffer[end - 1] === '\r' && end > at ? end - 1 : end;
    return { text: cut === at ? before : before + buffer.slice(at, cut), end };
  }

  #finish(buffer: string, start: number, end: number, cells: string[], unclosed: boolean, tokens: Token[]): void {
    const text = buffer.slice(start, end);
    tokens.push(this.#token(this.#line, cells, text, unclosed));
    this.#line += countLineEnds(text, this.#options.lineEnd) + 1;
  }

  #token(line: number, cells: string[], text: string, unclosed: boolean): Token {
    const limit = this.#options.maxCellChars;
    const longCell = text.length > limit ? cells.findIndex((cell) => cell.length > limit) : -1;
    if (longCell < 0 && !unclosed) return { line, cells, unclosed, longCell, raw: '' };
    return {
      line,
      cells: cells.map((cell) => cell.slice(0, limit)),
      unclosed,
      longCell,
      raw: text.slice(0, MAX_RAW_CHARS),
    };
  }
}

function indexOrEnd(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function countLineEnds(text: string, lineEnd: string): number {
  let count = 0;
  for (let at = text.indexOf(lineEnd); at >= 0; at = text.indexOf(lineEnd, at + 1)) count++;
  return count;
}

/** What is wrong with a token against the header; null: nothing. */
export function faultOf(token: Token, header: readonly string[], limit: number): RowFault | null {
  const raw = () => (token.raw === '' ? token.cells.join(',').slice(0, MAX_RAW_CHARS) : token.raw);
  if (token.unclosed) {
    return { kind: 'unclosed_quote', field: null, message: 'a quote opened here is never closed', raw: raw() };
  }
  if (token.longCell >= 0) {
    const field = header[token.longCell] ?? null;
    return { kind: 'cell_too_long', field, message: `a cell of more than ${limit} characters`, raw: raw() };
  }
  if (token.cells.length === header.length) return null;
  const message = `${token.cells.length} cells where the header has ${header.length}`;
  return { kind: 'ragged', field: null, message, raw: raw() };
}
