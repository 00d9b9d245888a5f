import { AssayError } from '../../domain/index.ts';
import { type DelimitedOptions, type Dialect, type Encoding, MAX_COLUMNS } from './options.ts';
import { RecordTokenizer } from './tokenizer.ts';

const CANDIDATES = [',', ';', '\t', '|', 'whitespace'] as const;
const SNIFFED_RECORDS = 100;

/** Delimiter, line end and header from the first text of a file. */
export function sniffDialect(
  sample: string,
  whole: boolean,
  path: string,
  encoding: Encoding,
  options: DelimitedOptions,
): Dialect {
  if (sample.includes('\0')) {
    throw new AssayError('bad_input', {
      what: `${path} holds zero bytes: it is not text`,
      allowed: 'UTF-8, latin1 or UTF-16 text, plain or gzip',
      fix: 'export it as CSV, or name its encoding with --encoding',
    });
  }
  const lineEnd = sample.includes('\n') || !sample.includes('\r') ? '\n' : '\r';
  const wanted = options.quote === undefined ? '"' : options.quote;
  const delimiter =
    options.delimiter === undefined ? sniffDelimiter(sample, whole, wanted, lineEnd) : checked(options.delimiter);
  // Files of aligned columns have no quoting.
  const quote = delimiter === 'whitespace' ? null : wanted;
  const first = firstRecords(sample, whole, delimiter, quote, lineEnd)[0];
  if (!first) throw emptyFile(path);
  if (first.length > MAX_COLUMNS) {
    throw new AssayError('bad_input', {
      what: `${path} has ${first.length} columns`,
      allowed: `at most ${MAX_COLUMNS}`,
    });
  }
  const hasHeader = options.header ?? true;
  return { delimiter, quote, encoding, lineEnd, hasHeader, ...nameColumns(first, hasHeader) };
}

export function emptyFile(path: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the file is empty',
    given: path,
    allowed: 'a header line and at least one row',
    fix: 'check that the export finished and that the path is right',
  });
}

function checked(delimiter: string): string {
  const named: Record<string, string> = { tab: '\t', '\\t': '\t', space: 'whitespace' };
  const found = named[delimiter] ?? delimiter;
  if (found === 'whitespace' || found.length === 1) return found;
  throw new AssayError('bad_input', {
    what: 'not a delimiter',
    given: JSON.stringify(delimiter),
    allowed: "one character, 'tab' or 'whitespace'",
  });
}

/**
 * The candidate that cuts the first record and under which most records have the same number of cells, more than one; among
 * equals the one that gives more cells. Whitespace only when nothing else works: it stands inside the text of many files.
 */
function sniffDelimiter(sample: string, whole: boolean, quote: string | null, lineEnd: '\n' | '\r'): string {
  let best: { delimiter: string; share: number; cells: number } = { delimiter: ',', share: 0, cells: 1 };
  for (const delimiter of CANDIDATES) {
    if (delimiter === 'whitespace' && best.share >= 0.9) break;
    const records = firstRecords(sample, whole, delimiter, quote, lineEnd);
    const { share, cells } = agreement(records);
    if (cells < 2 || records[0]!.length < 2) continue;
    if (share > best.share + 0.05 || (share >= best.share - 0.05 && cells > best.cells))
      best = { delimiter, share, cells };
  }
  return best.delimiter;
}

function agreement(records: readonly (readonly string[])[]): { share: number; cells: number } {
  const counts = new Map<number, number>();
  for (const cells of records) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  let cells = 1;
  let times = 0;
  for (const [length, count] of counts) if (count > times) [cells, times] = [length, count];
  return { cells, share: records.length === 0 ? 0 : times / records.length };
}

function firstRecords(sample: string, whole: boolean, delimiter: string, quote: string | null, lineEnd: '\n' | '\r') {
  const tokenizer = new RecordTokenizer({ delimiter, quote, lineEnd, maxCellChars: Number.POSITIVE_INFINITY });
  const tokens = tokenizer.push(sample, whole);
  return tokens.slice(0, SNIFFED_RECORDS).map((token) => token.cells);
}

function nameColumns(cells: readonly string[], hasHeader: boolean): Pick<Dialect, 'header' | 'unnamed' | 'repeated'> {
  if (!hasHeader) return { header: cells.map((_, i) => `c${i + 1}`), unnamed: [], repeated: [] };
  const found = cells.map((cell) => cell.trim());
  const positions = new Map<string, number[]>();
  found.forEach((name, i) => {
    positions.set(name, [...(positions.get(name) ?? []), i]);
  });
  const taken = new Set(found);
  const header = found.map((name, i) => {
    const nth = positions.get(name)!.indexOf(i);
    if (name !== '' && nth === 0) return name;
    return freeName(name === '' ? `c${i + 1}` : `${name}_${nth + 1}`, taken);
  });
  const repeated = [...positions].filter(([name, at]) => name !== '' && at.length > 1);
  return {
    header,
    unnamed: positions.get('') ?? [],
    repeated: repeated.map(([name, at]) => ({ name, positions: at })),
  };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}
