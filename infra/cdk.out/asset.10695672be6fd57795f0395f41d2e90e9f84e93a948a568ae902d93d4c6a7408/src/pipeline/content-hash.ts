import { canonicalJson, sha256Hex } from '../domain/index.ts';
import type { JsonValue } from '../platform/index.ts';

/** sha256 over values in a fixed order of keys: equal content, equal hash. */
export function hashOf(...values: readonly JsonValue[]): string {
  return sha256Hex(canonicalJson(values));
}
