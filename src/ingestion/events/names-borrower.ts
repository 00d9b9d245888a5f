/** Fields that may hold an id, where the id is a number that an amount might be as well. */
const ID_FIELD = /id$|_no$|number|borrower|customer|client|account/i;
const WORD = /[\p{L}\p{N}_.@+-]+/gu;

/**
 * True when an event, as it came, names the borrower: a value anywhere in its JSON is the id, or, in what is no JSON, a word. An id of digits
 * alone counts only where a field's name says that it is one.
 */
export function namesBorrower(original: string, borrowerId: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(original);
  } catch {
    return original.match(WORD)?.includes(borrowerId) ?? false;
  }
  return holds(value, { borrowerId, anywhere: /\D/.test(borrowerId) }, '');
}

type Sought = { readonly borrowerId: string; readonly anywhere: boolean };

function holds(value: unknown, sought: Sought, field: string): boolean {
  if (value === null || typeof value === 'boolean') return false;
  if (Array.isArray(value)) return value.some((one) => holds(one, sought, field));
  if (typeof value === 'object') return Object.entries(value).some(([name, one]) => holds(one, sought, name));
  return String(value) === sought.borrowerId && (sought.anywhere || ID_FIELD.test(field));
}
