import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';

const MAX_KEY_CHARS = 1024;
/** Letters, digits and the marks that partitions (`dt=2026-01`) and file names need; no separator of another system, no control character. */
const SEGMENT = /^[\p{L}\p{N}_=.,@+ ()%-]+$/u;

/** Names that the lake itself uses beside a key. */
export const TEMPORARY = '.tmp~';
export const REPLACED = '.old~';

/**
 * The path of a key inside `root`. Keys are relative, use `/`, and never climb.
 * @throws AssayError bad_input for any other key.
 */
export function pathOfKey(root: string, key: string): string {
  if (key.length > 0 && key.length <= MAX_KEY_CHARS && key.split('/').every(isSegment)) return join(root, key);
  throw new AssayError('bad_input', {
    what: 'the key is not usable in the lake',
    given: JSON.stringify(key.slice(0, 100)),
    allowed: 'relative, parts separated by "/", no part "." or "..", at most 1024 characters',
  });
}

function isSegment(segment: string): boolean {
  return SEGMENT.test(segment) && segment !== '.' && segment !== '..';
}
