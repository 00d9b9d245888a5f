import { AssayError } from '../../domain/index.ts';
import { ExpiredIteratorError } from './errors.ts';

/** Where the embedded stream reads on; callers see it as one opaque text. */
export type Position = { readonly shardId: string; readonly after: number; readonly issuedAtMs: number };

const LIFETIME_MS = 300_000;

export function sealIterator({ shardId, after, issuedAtMs }: Position): string {
  return Buffer.from(JSON.stringify([shardId, after, issuedAtMs])).toString('base64url');
}

/** @throws ExpiredIteratorError; AssayError bad_input for a text that is no iterator */
export function openIterator(text: string, nowMs: number): Position {
  const [shardId, after, issuedAtMs] = partsOf(text);
  if (typeof shardId !== 'string' || !Number.isSafeInteger(after) || !Number.isSafeInteger(issuedAtMs)) {
    throw new AssayError('bad_input', { what: 'this is no iterator of the stream', given: text.slice(0, 40) });
  }
  const position = { shardId, after: Number(after), issuedAtMs: Number(issuedAtMs) };
  if (nowMs - position.issuedAtMs > LIFETIME_MS) throw new ExpiredIteratorError();
  return position;
}

function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
