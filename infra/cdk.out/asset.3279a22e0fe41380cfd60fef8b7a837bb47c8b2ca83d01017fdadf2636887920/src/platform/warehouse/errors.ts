import { AssayError, type AssayErrorCode } from '../../domain/index.ts';

const MAX_SQL_CHARS = 300;

/** Kinds of DuckDB errors (the words before ' Error:') and what they mean to a caller. */
const CODES: readonly (readonly [RegExp, AssayErrorCode])[] = [
  [/^(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range|Constraint|Permission)/, 'bad_input'],
  [/^(Out of Memory|IO|TransactionContext)/, 'unavailable'],
];

/** A rejection handler that rethrows what DuckDB said as an AssayError with the statement. */
export function toAssayError(statement: string): (cause: unknown) => never {
  return (cause) => {
    if (cause instanceof AssayError) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    const code = CODES.find(([kind]) => kind.test(text))?.[1] ?? 'internal';
    const sql = statement.trim().replace(/\s+/g, ' ');
    const given = sql.length > MAX_SQL_CHARS ? `${sql.slice(0, MAX_SQL_CHARS)}…` : sql;
    throw new AssayError(code, { what: `DuckDB: ${text.trim()}`, given }, { cause });
  };
}
