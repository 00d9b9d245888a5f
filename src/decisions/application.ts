import {
  AssayError,
  type ColumnSchema,
  type DataClass,
  type FeatureValue,
  type FieldIssue,
  loanApplicationsTable,
  type Portfolio,
  type TableSchema,
} from '../domain/index.ts';

/** A loan application as it comes in, after the shape was checked (see api/contract). */
export type ApplicationRequest = {
  readonly applicationId?: string | undefined;
  readonly borrowerId: string;
  readonly amountMinor?: number | undefined;
  readonly currency?: string | undefined;
  readonly termMonths?: number | undefined;
  readonly attributes?: Readonly<Record<string, number | string | boolean | null>> | undefined;
};

/** A loan application as the portfolio knows it: every column of its `loan_applications` table but ids and time. */
export type LoanApplication = {
  readonly applicationId: string;
  readonly borrowerId: string;
  readonly columns: Readonly<Record<string, FeatureValue>>;
  /** Mandatory columns without a value. */
  readonly missing: readonly string[];
};

/** One field of the application form. */
export type ApplicationField = {
  /** Member of the request (`in: application`) or key of `attributes`. */
  readonly name: string;
  readonly in: 'application' | 'attributes';
  readonly column: ColumnSchema;
  readonly required: boolean;
};

/** Given by the system, never by the applicant. */
const GIVEN_COLUMNS = ['application_id', 'borrower_id', 'applied_at'];
/** Nobody sends these with an application: traits are kept apart, profiles come through the gate alone. */
const NEVER_SENT: readonly DataClass[] = ['protected', 'social_network'];
/** Columns with a member of their own in a request. */
export const APPLICATION_MEMBERS: Readonly<Record<string, 'amountMinor' | 'termMonths'>> = {
  amount_minor: 'amountMinor',
  term_months: 'termMonths',
};

/** The `loan_applications` schema of a portfolio: its own, or the domain's where no source writes one. */
export function loanApplicationsSchema(portfolio: Portfolio): TableSchema {
  for (const source of portfolio.sources) {
    const target = source.targets.find((candidate) => candidate.table.name === 'loan_applications');
    if (target) return target.table;
  }
  return loanApplicationsTable;
}

/** What an application of this portfolio may and must carry. Protected attributes are never asked for. */
export function applicationFields(portfolio: Portfolio): readonly ApplicationField[] {
  return formOf(portfolio).fields;
}

/** The form of a portfolio, made once: every application is read by it. */
type Form = {
  readonly fields: readonly ApplicationField[];
  readonly attributes: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
};

const forms = new WeakMap<Portfolio, Form>();

function formOf(portfolio: Portfolio): Form {
  const known = forms.get(portfolio);
  if (known) return known;
  const fields = fieldsOf(portfolio);
  const namesIn = (place: ApplicationField['in']) =>
    new Set(fields.filter((field) => field.in === place).map((field) => field.name));
  const form = { fields, attributes: namesIn('attributes'), members: namesIn('application') };
  forms.set(portfolio, form);
  return form;
}

function fieldsOf(portfolio: Portfolio): ApplicationField[] {
  const schema = loanApplicationsSchema(portfolio);
  return schema.columns
    .filter(({ name, dataClass }) => !GIVEN_COLUMNS.includes(name) && !NEVER_SENT.includes(dataClass))
    .map((column) => {
      const member = APPLICATION_MEMBERS[column.name];
      return {
        name: member ?? column.name,
        in: member ? 'application' : 'attributes',
        column,
        required: column.nullable !== true,
      };
    });
}

/**
 * Checks an application against the portfolio's schema. A value of the wrong type, out of bounds or unknown to the portfolio
 * is an error; a mandatory value that is not there is not: it is listed in `missing`, and the decision refers it.
 * @throws AssayError bad_input with one issue per field
 */
export function parseLoanApplication(
  portfolio: Portfolio,
  request: ApplicationRequest,
  applicationId: string,
): LoanApplication {
  const form = formOf(portfolio);
  const issues = [...unknownAttributes(form, request), ...currencyIssues(portfolio, request)];
  const columns: Record<string, FeatureValue> = {};
  for (const field of form.fields) {
    const value = given(field, request);
    const path = field.in === 'application' ? field.name : `attributes.${field.name}`;
    const checked = checkValue(field.column, value);
    if (checked.message === undefined) columns[field.column.name] = checked.value;
    else issues.push({ path, message: checked.message });
  }
  if (issues.length > 0) throw applicationError(issues);
  return { applicationId, borrowerId: request.borrowerId, columns, missing: missingColumns(portfolio, columns) };
}

/** Names of the mandatory fields that have no value. */
export function missingColumns(portfolio: Portfolio, columns: Readonly<Record<string, FeatureValue>>): string[] {
  return applicationFields(portfolio)
    .filter((field) => field.required && (columns[field.column.name] ?? null) === null)
    .map((field) => field.name);
}

function applicationError(issues: readonly FieldIssue[]): AssayError {
  return new AssayError('bad_input', {
    what: 'the loan application is not valid',
    given: issues.map((issue) => issue.path).join(', '),
    allowed: 'the fields listed by GET /api/v1/portfolio under applicationFields',
    fix: 'mend the fields named and send it again',
    issues,
  });
}

function unknownAttributes({ attributes, members }: Form, request: ApplicationRequest): FieldIssue[] {
  const issues = Object.keys(request.attributes ?? {})
    .filter((name) => !attributes.has(name))
    .map((name) => ({ path: `attributes.${name}`, message: 'this portfolio has no such attribute' }));
  for (const member of Object.values(APPLICATION_MEMBERS)) {
    if (request[member] !== undefined && !members.has(member)) {
      issues.push({ path: member, message: 'this portfolio has no such field' });
    }
  }
  return issues;
}

function currencyIssues(portfolio: Portfolio, request: ApplicationRequest): FieldIssue[] {
  if (request.currency === undefined || request.currency === portfolio.currency) return [];
  return [{ path: 'currency', message: `must be ${portfolio.currency}` }];
}

function given(field: ApplicationField, request: ApplicationRequest): number | string | boolean | null {
  if (field.name === 'amountMinor' || field.name === 'termMonths') return request[field.name] ?? null;
  const attributes = request.attributes ?? {};
  return Object.hasOwn(attributes, field.name) ? (attributes[field.name] ?? null) : null;
}

type Checked = { value: FeatureValue; message?: undefined } | { message: string };

function checkValue(column: ColumnSchema, value: number | string | boolean | null): Checked {
  if (value === null || value === '') return { value: null };
  switch (column.type) {
    case 'integer':
    case 'money':
      return Number.isSafeInteger(value)
        ? withinBounds(column, value as number)
        : { message: `must be an integer${column.type === 'money' ? ' in minor units' : ''}` };
    case 'double':
      return typeof value === 'number' && Number.isFinite(value)
        ? withinBounds(column, value)
        : { message: 'must be a number' };
    case 'boolean':
      return typeof value === 'boolean' ? { value: String(value) } : { message: 'must be true or false' };
    case 'text':
      return textValue(column, value);
    case 'date':
    case 'timestamp':
      return timeValue(column.type, value);
  }
}

function withinBounds(column: ColumnSchema, value: number): Checked {
  if (column.min !== undefined && value < column.min) return { message: `must be at least ${column.min}` };
  if (column.max !== undefined && value > column.max) return { message: `must be at most ${column.max}` };
  return { value: value === 0 ? 0 : value }; // no negative zero in a record
}

function textValue(column: ColumnSchema, value: number | string | boolean): Checked {
  if (typeof value !== 'string') return { message: 'must be a text' };
  if (column.values && !column.values.includes(value)) return { message: `must be one of ${column.values.join(', ')}` };
  return { value };
}

function timeValue(type: 'date' | 'timestamp', value: number | string | boolean): Checked {
  const pattern = type === 'date' ? /^\d{4}-\d{2}-\d{2}$/ : /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z?$/;
  const message = type === 'date' ? 'must be a date, YYYY-MM-DD' : 'must be a time in UTC, YYYY-MM-DDThh:mm:ssZ';
  if (typeof value !== 'string' || !pattern.test(value)) return { message };
  const day = value.slice(0, 10);
  const time = new Date(`${day}T${value.slice(11, 19) || '00:00:00'}Z`);
  const real = !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 10) === day;
  return real ? { value: value.replace('T', ' ').replace('Z', '') } : { message: `${message}; there is no such day` };
}
