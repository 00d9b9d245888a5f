import { createHash } from 'node:crypto';
import { AssayError } from '../domain/index.ts';

/**
 * One text for one value: keys in code-unit order, no white space, numbers in the shortest form that reads back to the same
 * bits. -0 is written as 0. Members that are undefined are left out.
 * @throws AssayError internal for what JSON cannot carry without loss: NaN, infinities, bigint, functions
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return objectText(value);
  throw new AssayError('internal', { what: 'a value cannot be written to a record', given: String(value) });
}

function objectText(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
