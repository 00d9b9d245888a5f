import { APPLICATION_MEMBERS, applicationFields, loanApplicationsSchema } from '../decisions/index.ts';
import { AssayError, type ColumnSchema, type Portfolio } from '../domain/index.ts';

/** A row as the body of a request, not yet checked but for what its texts cannot be. */
export type ApplicationReader = (cells: readonly string[]) => {
  readonly request: Readonly<Record<string, unknown>>;
  readonly issues: readonly string[];
};

type Placed = { readonly at: number; readonly column: ColumnSchema };

/**
 * Reads rows of a file as loan applications: the file has the names of the columns of the book's `loan_applications`.
 * Columns of that table that an application does not carry are not read.
 * @throws AssayError bad_input for a column that the table does not have, one that is there twice, no borrower_id
 */
export function applicationReader(
  portfolio: Portfolio,
  { header, repeated }: { readonly header: readonly string[]; readonly repeated: readonly string[] },
): ApplicationReader {
  checkHeader(portfolio, header, repeated);
  const [idAt, borrowerAt] = [header.indexOf('application_id'), header.indexOf('borrower_id')];
  const fields: Placed[] = applicationFields(portfolio).flatMap(({ column }) => {
    const at = header.indexOf(column.name);
    return at < 0 ? [] : [{ at, column }];
  });
  return (cells) => {
    const issues: string[] = [];
    const attributes: Record<string, unknown> = {};
    const request: Record<string, unknown> = { borrowerId: cells[borrowerAt], attributes };
    if (idAt >= 0 && cells[idAt] !== '') request['applicationId'] = cells[idAt];
    for (const { at, column } of fields) {
      const text = cells[at]!;
      if (text === '') continue;
      const value = typedValue(column, text);
      if (value === undefined) issues.push(`${column.name}: must be ${NOUNS[column.type]}`);
      const member = APPLICATION_MEMBERS[column.name];
      if (member) request[member] = value;
      else attributes[column.name] = value;
    }
    return { request, issues };
  };
}

function checkHeader(portfolio: Portfolio, header: readonly string[], repeated: readonly string[]): void {
  const known = loanApplicationsSchema(portfolio).columns.map(({ name }) => name);
  const unknown = header.filter((name) => !known.includes(name));
  const missing = header.includes('borrower_id') ? [] : ['borrower_id'];
  if (unknown.length === 0 && missing.length === 0 && repeated.length === 0) return;
  const parts = [
    unknown.length > 0 ? `not columns of loan_applications: ${unknown.join(', ')}` : '',
    missing.length > 0 ? 'there is no borrower_id' : '',
    repeated.length > 0 ? `there more than once: ${repeated.join(', ')}` : '',
  ];
  throw new AssayError('bad_input', {
    what: 'the header is not that of loan applications of this book',
    given: parts.filter((part) => part !== '').join('; '),
    allowed: known.join(', '),
    fix: 'rename or remove the columns; check the delimiter and that the first line is the header',
  });
}

const NOUNS: Readonly<Record<ColumnSchema['type'], string>> = {
  integer: 'a whole number',
  money: 'a whole number of minor units',
  double: 'a number',
  boolean: 'true or false',
  text: 'a text',
  date: 'a date',
  timestamp: 'a time',
};

const INTEGER = /^[+-]?\d{1,15}$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** undefined: the text is none of this type. */
function typedValue({ type }: ColumnSchema, text: string): string | number | boolean | undefined {
  switch (type) {
    case 'integer':
    case 'money':
      return INTEGER.test(text) ? Number(text) : undefined;
    case 'double':
      return DECIMAL.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'text':
    case 'date':
    case 'timestamp':
      return text;
  }
}
