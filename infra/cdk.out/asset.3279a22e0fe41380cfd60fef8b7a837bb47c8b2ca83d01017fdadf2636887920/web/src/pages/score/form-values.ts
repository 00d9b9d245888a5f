import type { ApplicationField, LoanApplicationDto, PortfolioInfo } from '../../contract.ts';
import { toMajor, toMinor } from '../../format/index.ts';

/** What the form holds: the text of each field by its name; '' = left empty. */
export type FormValues = Readonly<Record<string, string>>;

export type Prepared =
  | { readonly kind: 'ready'; readonly application: LoanApplicationDto }
  | { readonly kind: 'invalid'; readonly errors: Readonly<Record<string, string>> };

type Scalar = string | number | boolean;

/** The request of a filled form, or what is wrong with it, field by field. */
export function toApplication(fields: readonly ApplicationField[], values: FormValues, currency: string): Prepared {
  const errors: Record<string, string> = {};
  const members: Record<string, Scalar> = {};
  const attributes: Record<string, Scalar> = {};
  for (const field of fields) {
    const text = (values[field.name] ?? '').trim();
    if (text === '') {
      if (isNeeded(field)) errors[field.name] = 'Needed';
      continue;
    }
    const value = parseField(field, text, currency);
    if (value instanceof Error) errors[field.name] = value.message;
    else (field.in === 'application' ? members : attributes)[field.name] = value;
  }
  if (Object.keys(errors).length > 0) return { kind: 'invalid', errors };
  return { kind: 'ready', application: assemble(members, attributes, currency) };
}

/**
 * Only the borrower is needed to send the form. Other mandatory data may be missing: the answer is then "referred",
 * which is what the person filling it in should see.
 */
function isNeeded(field: ApplicationField): boolean {
  return field.in === 'application' && field.name === 'borrowerId';
}

function assemble(
  members: Readonly<Record<string, Scalar>>,
  attributes: Readonly<Record<string, Scalar>>,
  currency: string,
): LoanApplicationDto {
  const application: LoanApplicationDto = { borrowerId: String(members['borrowerId']) };
  if (members['applicationId'] !== undefined) application.applicationId = String(members['applicationId']);
  if (members['amountMinor'] !== undefined) {
    application.amountMinor = Number(members['amountMinor']);
    application.currency = currency;
  }
  if (members['termMonths'] !== undefined) application.termMonths = Number(members['termMonths']);
  if (Object.keys(attributes).length > 0) application.attributes = { ...attributes };
  return application;
}

function parseField(field: ApplicationField, text: string, currency: string): Scalar | Error {
  switch (field.type) {
    case 'integer':
    case 'number':
    case 'money':
      return parseNumber(field, text, currency);
    case 'boolean':
      return text === 'true';
    case 'timestamp':
      return Number.isNaN(Date.parse(`${text}Z`)) ? new Error('Not a time') : new Date(`${text}Z`).toISOString();
    case 'date':
    case 'text':
      return text;
  }
}

function parseNumber(field: ApplicationField, text: string, currency: string): number | Error {
  const typed = Number(text.replaceAll(',', ''));
  if (!Number.isFinite(typed)) return new Error('Not a number');
  const value = field.type === 'money' ? toMinor(typed, currency) : typed;
  if (field.type === 'integer' && !Number.isInteger(value)) return new Error('Must be a whole number');
  const shown = (limit: number) => (field.type === 'money' ? toMajor(limit, currency) : limit);
  if (field.min !== null && value < field.min) return new Error(`At least ${shown(field.min)}`);
  if (field.max !== null && value > field.max) return new Error(`At most ${shown(field.max)}`);
  return value;
}

/** A stored or example application as the text of the form's fields. */
export function toFormValues(
  fields: readonly ApplicationField[],
  application: Readonly<Record<string, unknown>>,
  currency: string,
): FormValues {
  const attributes = application['attributes'];
  const inner: Record<string, unknown> =
    typeof attributes === 'object' && attributes !== null ? Object.fromEntries(Object.entries(attributes)) : {};
  return Object.fromEntries(
    fields.map((field) => {
      const value = field.in === 'application' ? application[field.name] : inner[field.name];
      return [field.name, textOf(field, value, currency)];
    }),
  );
}

function textOf(field: ApplicationField, value: unknown, currency: string): string {
  if (value === undefined || value === null) return '';
  if (field.type === 'money' && typeof value === 'number') return String(toMajor(value, currency));
  if (field.type === 'timestamp' && typeof value === 'string') return value.slice(0, 19).replace('Z', '');
  return String(value);
}

/** The example of the portfolio, for a given borrower when there is one. An example's id is not reused: ids are unique. */
export function exampleValues(portfolio: PortfolioInfo, borrowerId: string | undefined): FormValues {
  const example = { ...(portfolio.exampleApplication ?? {}) };
  delete example['applicationId'];
  if (borrowerId !== undefined) example['borrowerId'] = borrowerId;
  return toFormValues(portfolio.applicationFields, example, portfolio.currency);
}
