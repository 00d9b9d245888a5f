import { AssayError } from '../../domain/index.ts';
import { type DelimitedRow, type Dialect, type Encoding, readDelimited } from '../../platform/index.ts';
import { DictionaryBuilder, type DictionaryColumn } from './dictionary-column.ts';

export type FlatFileOptions = {
  readonly delimiter?: string;
  readonly header?: boolean;
  readonly encoding?: Encoding;
  readonly signal?: AbortSignal;
  /** Bytes of the file read so far. */
  readonly onBytes?: (bytesRead: number) => void;
};

export type FlatTable = {
  readonly path: string;
  readonly dialect: Dialect;
  readonly rowCount: number;
  readonly columns: readonly DictionaryColumn[];
  /** Rows with too many or too few cells, left out: how many, and the first of them in words. */
  readonly leftOut: { readonly rows: number; readonly example: string | null };
};

/** More ragged rows than this share mean that the file is not what the reader took it for. */
const MAX_RAGGED_SHARE = 0.01;

/**
 * Reads a delimited file of any kind into columns of distinct values.
 * @throws AssayError bad_input: empty, one column, repeated names, a cell too long, an open quote, more than 1 % ragged rows.
 */
export async function readFlatFile(path: string, options: FlatFileOptions = {}): Promise<FlatTable> {
  let dialect: Dialect | undefined;
  let builders: DictionaryBuilder[] = [];
  let rowCount = 0;
  const ragged = { rows: 0, example: null as string | null };
  for await (const batch of readDelimited(path, options)) {
    if (!dialect) {
      dialect = batch.dialect;
      assertHeader(path, dialect);
      builders = dialect.header.map(() => new DictionaryBuilder());
    }
    for (const row of batch.rows) {
      if (row.fault) noteFault(path, row, ragged);
      else {
        for (let i = 0; i < builders.length; i++) builders[i]!.add(row.cells[i]!);
        rowCount += 1;
      }
    }
  }
  assertRows(path, dialect, rowCount, ragged);
  const { header, unnamed } = dialect;
  const columns = builders.map((builder, i) => builder.build(header[i]!, i, unnamed.includes(i)));
  return { path, dialect, rowCount, columns, leftOut: ragged };
}

function assertHeader(path: string, { header, delimiter, repeated }: Dialect): void {
  if (header.length < 2) {
    throw new AssayError('bad_input', {
      what: `${path} has a single column when read with the delimiter ${JSON.stringify(delimiter)}`,
      given: `the first line ${JSON.stringify(header.join(delimiter).slice(0, 80))}`,
      allowed: 'a target column and at least one other',
      fix: 'name the delimiter: --delimiter ";" (or "," "|" "tab" "whitespace")',
    });
  }
  if (repeated.length > 0) {
    const places = repeated.map(
      ({ name, positions }) => `"${name}" (columns ${positions.map((position) => position + 1).join(', ')})`,
    );
    throw new AssayError('bad_input', {
      what: `${path} has column names that occur more than once`,
      given: places.join('; '),
      allowed: 'each column name once',
      fix: 'rename the repeated columns in the file, or read it with --no-header when the first line is data',
    });
  }
}

function noteFault(path: string, row: DelimitedRow, ragged: { rows: number; example: string | null }): void {
  const { kind, field, message } = row.fault!;
  const place = `line ${row.line}${field === null ? '' : `, column "${field}"`}: ${message}`;
  if (kind === 'ragged') {
    ragged.rows += 1;
    ragged.example ??= place;
    return;
  }
  throw new AssayError('bad_input', {
    what: `${path} cannot be read whole`,
    given: place,
    allowed: kind === 'cell_too_long' ? 'cells of at most 65,536 characters' : 'a closing quote for each opening one',
    fix: 'look at that line: a quote that is never closed, a wrong delimiter, or a document inside a cell; mend or remove it',
  });
}

function assertRows(
  path: string,
  dialect: Dialect | undefined,
  rowCount: number,
  ragged: { rows: number; example: string | null },
): asserts dialect is Dialect {
  if (!dialect || rowCount + ragged.rows === 0) {
    throw new AssayError('bad_input', {
      what: `${path} has a header but no rows`,
      allowed: 'one row per loan',
      fix: 'check that the export finished; if the first line is data, add --no-header',
    });
  }
  if (ragged.rows > MAX_RAGGED_SHARE * (rowCount + ragged.rows)) {
    throw new AssayError('bad_input', {
      what: `${path}: ${ragged.rows} of ${rowCount + ragged.rows} rows have another number of cells than the header (${dialect.header.length})`,
      given: ragged.example ?? '',
      allowed: `at most ${100 * MAX_RAGGED_SHARE} % such rows (they are then left out)`,
      fix: 'name the right --delimiter, or mend the quoting of the file',
    });
  }
}
