import { createHash } from 'node:crypto';
import { AssayError } from './errors.ts';

/**
 * JSON with keys in order, without undefined and without anything JSON cannot hold exactly: one text for one value, so
 * that its hash is a version.
 * @throws AssayError internal for a value that is not plain, finite JSON
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, []);
}

/** `path`: where in the whole this is, as names and places; one list for all, since it is read only when something is wrong. */
function textOf(value: unknown, path: (string | number)[]): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((member, i) => within(path, i, member)).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) return objectText(value, path);
  throw new AssayError('internal', {
    what: `a value cannot be written to a record: ${path.join('.') || 'the whole'}`,
    given: typeof value === 'object' ? Object.prototype.toString.call(value) : String(value),
  });
}

/** A literal, or an object made without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function within(path: (string | number)[], at: string | number, member: unknown): string {
  path.push(at);
  const text = textOf(member, path);
  path.pop();
  return text;
}

function objectText(value: object, path: (string | number)[]): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${within(path, key, member)}`).join(',')}}`;
}

export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
