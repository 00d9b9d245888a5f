import { createHash } from 'node:crypto';
import type { JsonValue } from '../platform/index.ts';

/** sha256 over values in a fixed order of keys: equal content, equal hash. */
export function hashOf(...values: readonly JsonValue[]): string {
  return createHash('sha256')
    .update(JSON.stringify(values.map(sorted)))
    .digest('hex');
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  );
}
