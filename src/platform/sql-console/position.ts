import { AssayError, type FieldIssue } from '../../domain/index.ts';

/** Where in the text something lies, as a path of a problem: `sql:2:5` is line 2, column 5. */
export function pathAt(sql: string, byteOffset: number | undefined): string {
  if (byteOffset === undefined) return 'sql';
  const before = Buffer.from(sql).subarray(0, byteOffset).toString('utf8').split('\n');
  return `sql:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** A refusal that says where. */
export function refusedAt(sql: string, byteOffset: number | undefined, what: string, fix?: string): AssayError {
  const issues: FieldIssue[] = [{ path: pathAt(sql, byteOffset), message: what }];
  return new AssayError('bad_input', { what, ...(fix !== undefined && { fix }), issues });
}

type EngineError = { exception_type?: string; exception_message?: string; position?: string };

/** Kinds of errors that the text of a query is the cause of. */
const OF_THE_TEXT =
  /^(Parser|Binder|Catalog|Conversion|Invalid|Out of Range|Mismatch Type|Not implemented|Decimal|Syntax)/;

/** What DuckDB said (with `errors_as_json`), with its position; what is not about the text is an outage. */
export function consoleErrorOf(sql: string, cause: unknown): AssayError {
  if (cause instanceof AssayError) return cause;
  const { exception_type: kind = '', exception_message: message = '', position } = engineErrorOf(cause);
  const what = message.split('\n')[0] ?? '';
  if (OF_THE_TEXT.test(kind)) return refusedAt(sql, position === undefined ? undefined : Number(position), what);
  if (kind === 'Out of Memory') {
    return new AssayError('bad_input', {
      what: 'the query needs more memory than a query may take',
      fix: 'select fewer columns, filter earlier, or aggregate',
      issues: [{ path: 'sql', message: 'more memory than a query may take' }],
    });
  }
  // file names of the machine are nobody's business
  return new AssayError('unavailable', {
    what: kind === 'IO' ? 'a table was replaced while it was read' : `the query engine failed (${kind || 'unknown'})`,
    fix: 'run the query again',
  });
}

function engineErrorOf(cause: unknown): EngineError {
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    const parsed: EngineError = JSON.parse(text.slice(text.indexOf('{')));
    return parsed;
  } catch {
    const [kind = '', ...rest] = text.split(' Error: ');
    return { exception_type: kind, exception_message: rest.join(' Error: ') };
  }
}
