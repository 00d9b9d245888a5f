import { MappingError } from '../../../domain/index.ts';
import { isRecord } from '../event.ts';

/** What sources read a JSON payload with: every fault names the path of the field. */

export type Payload = Readonly<Record<string, unknown>>;

export function textAt(payload: Payload, name: string, path = ''): string | null {
  const value = payload[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  throw new MappingError(`${path}${name}`, 'not a text');
}

export function requiredTextAt(payload: Payload, name: string, path = ''): string {
  const text = textAt(payload, name, path);
  if (text === null) throw new MappingError(`${path}${name}`, 'missing but required');
  return text;
}

export function objectAt(payload: Payload, name: string, path = ''): Payload | null {
  const value = payload[name];
  if (value === undefined || value === null) return null;
  if (isRecord(value)) return value;
  throw new MappingError(`${path}${name}`, 'not a JSON object');
}

const MAX_ITEMS = 500;

/** Objects of a list; an absent list is empty. */
export function listAt(payload: Payload, name: string, path = ''): Payload[] {
  const value = payload[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MappingError(`${path}${name}`, 'not a list');
  if (value.length > MAX_ITEMS) throw new MappingError(`${path}${name}`, `more than ${MAX_ITEMS} items`);
  return value.map((item: unknown, i) => {
    if (isRecord(item)) return item;
    throw new MappingError(`${path}${name}[${i}]`, 'not a JSON object');
  });
}

/** The decimal text of an amount: as sent, or the shortest that is the number that was sent. */
export function decimalAt(payload: Payload, name: string, path = ''): string {
  const value = payload[name];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new MappingError(`${path}${name}`, value === undefined ? 'missing but required' : 'not an amount of money');
}
