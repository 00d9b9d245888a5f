import { AssayError, type MappedRow, type RawRecord, type SourceFile, type TableSchema } from '../domain/index.ts';
import type { DelimitedOptions, Dialect } from '../platform/index.ts';
import type { RowValidator } from './validate.ts';

/** How a source's file is read: what its definition says, the rest found out from the file. */
export function readOptions(source: SourceFile): DelimitedOptions {
  return {
    ...(source.delimiter === undefined ? {} : { delimiter: source.delimiter }),
    ...(source.quote === undefined ? {} : { quote: source.quote }),
    ...(source.header === undefined ? {} : { header: source.header }),
    ...(source.encoding === undefined ? {} : { encoding: source.encoding }),
  };
}

export type RecordMaker = (cells: readonly string[]) => RawRecord;

/** Cells to a record by header name; texts that mean missing become empty. */
export function recordMaker(dialect: Dialect, source: SourceFile): RecordMaker {
  if (dialect.repeated.length > 0) {
    throw new AssayError('bad_input', {
      what: `source "${source.name}" has columns of the same name`,
      given: dialect.repeated
        .map(({ name, positions }) => `"${name}" at ${positions.map((at) => at + 1).join(', ')}`)
        .join('; '),
      allowed: 'every header name once',
      fix: 'rename them in the file, or read it with header: false',
    });
  }
  const { header } = dialect;
  const missing = new Set(source.missing ?? []);
  return (cells) => {
    const record: Record<string, string> = {};
    for (let i = 0; i < header.length; i++) {
      const cell = cells[i]!;
      record[header[i]!] = missing.size > 0 && missing.has(cell) ? '' : cell;
    }
    return record;
  };
}

/** A mapper's slip of the pen is no fault of the rows. */
export function refuseUnknownFields(validator: RowValidator, row: MappedRow, table: TableSchema): void {
  const unknown = validator.unknownFields(row);
  if (unknown.length === 0) return;
  throw new AssayError('bad_input', {
    what: `a mapper gives fields that table "${table.name}" does not have`,
    given: unknown.join(', '),
    allowed: validator.columns.join(', '),
    fix: 'correct the names in portfolio.ts, or add the columns to the schema',
  });
}
