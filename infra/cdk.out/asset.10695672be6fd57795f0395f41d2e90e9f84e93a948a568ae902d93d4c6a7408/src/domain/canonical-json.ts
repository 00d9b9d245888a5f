import { createHash } from 'node:crypto';
import { AssayError } from './errors.ts';

/**
 * JSON with keys in order, without undefined and without anything JSON cannot hold exactly: one text for one value, so
 * that its hash is a version.
 * @throws AssayError internal for a value that is not plain, finite JSON
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) return objectText(value);
  throw new AssayError('internal', {
    what: 'a value cannot be written to a record',
    given: typeof value === 'object' ? Object.prototype.toString.call(value) : String(value),
  });
}

/** A literal, or an object made without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function objectText(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
