import { whyNotStorable } from '../domain/index.ts';
import type { LoanApplicationDto } from './contract.ts';

const MEMBERS: ReadonlySet<string> = new Set<keyof LoanApplicationDto>([
  ...(['applicationId', 'borrowerId', 'amountMinor', 'currency', 'termMonths', 'attributes'] as const),
]);

/**
 * Whether a JSON value is a loan application as most are, so that the schema, which walks thirty fields through six checks each,
 * need not be asked: true only where it accepts the value as it is, and every store can hold it. False says nothing: the schema decides and names what is wrong.
 */
export function isPlainApplication(value: unknown): value is LoanApplicationDto {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const name of Object.keys(value)) if (!MEMBERS.has(name)) return false;
  const { applicationId, borrowerId, amountMinor, currency, termMonths, attributes } = value as Record<string, unknown>;
  return (
    isIdentifier(borrowerId) &&
    (applicationId === undefined || isIdentifier(applicationId)) &&
    (amountMinor === undefined || isInteger(amountMinor, 1e15)) &&
    (currency === undefined || isText(currency, 3, 3)) &&
    (termMonths === undefined || isInteger(termMonths, 480)) &&
    (attributes === undefined || areAttributes(attributes))
  );
}

const isText = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'string' && value.length >= least && value.length <= most && whyNotStorable(value) === undefined;

const isIdentifier = (value: unknown): boolean => isText(value, 1, 100) && (value as string).trim() !== '';

const isInteger = (value: unknown, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;

function areAttributes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const attributes = value as Record<string, unknown>;
  for (const name of Object.keys(attributes)) {
    if (!isText(name, 0, 100) || !isAttribute(attributes[name])) return false;
  }
  return true;
}

function isAttribute(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'boolean' || isText(value, 0, 10_000);
}
