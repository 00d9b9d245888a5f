import { isAscii, isUtf8 } from 'node:buffer';
import type { Encoding } from './options.ts';

/** An invalid byte, where it lies in the text decoded so far; the reader turns it into an error with a line number. */
export class InvalidByteError extends Error {
  readonly byte: number;
  /** Text of the same chunk before the invalid byte. */
  readonly before: string;
  constructor(byte: number, before: string) {
    super('invalid UTF-8');
    this.byte = byte;
    this.before = before;
  }
}

/** Encoding by byte order mark; without one, UTF-16 when every other byte of the start is zero, else UTF-8. */
export function detectEncoding(head: Buffer): { readonly encoding: Encoding; readonly markBytes: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', markBytes: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  const zeros = [0, 0];
  const looked = Math.min(head.length, 1024);
  for (let i = 0; i < looked; i++) if (head[i] === 0) zeros[i % 2]!++;
  if (zeros[1]! > looked / 4 && zeros[0]! < looked / 16) return { encoding: 'utf-16le', markBytes: 0 };
  if (zeros[0]! > looked / 4 && zeros[1]! < looked / 16) return { encoding: 'utf-16be', markBytes: 0 };
  return { encoding: 'utf-8', markBytes: 0 };
}

export type TextDecoding = (bytes: Buffer, last: boolean) => string;

/** A decoder that is fed chunk by chunk; a character cut by a chunk's end waits for the next. */
export function createDecoding(encoding: Encoding): TextDecoding {
  if (encoding === 'latin1') return (bytes) => bytes.toString('latin1');
  if (encoding === 'utf-8') return createUtf8Decoding();
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, last) => {
    try {
      return decoder.decode(bytes, { stream: !last });
    } catch {
      throw new InvalidByteError(bytes[0] ?? 0, '');
    }
  };
}

/** Pure ASCII takes the one-byte path: its strings are half the size and several times quicker to split. */
function createUtf8Decoding(): TextDecoding {
  let pending: Buffer = Buffer.alloc(0);
  return (bytes, last) => {
    const all = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    const cut = last ? all.length : all.length - incompleteTail(all);
    const whole = all.subarray(0, cut);
    pending = Buffer.from(all.subarray(cut));
    if (isAscii(whole)) return whole.toString('latin1');
    if (isUtf8(whole)) return whole.toString('utf8');
    const at = firstInvalid(whole);
    throw new InvalidByteError(whole[at]!, whole.toString('utf8', 0, at));
  };
}

/** How many bytes at the end belong to a character that is not complete yet (0 to 3). */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Index of the first byte that cannot stand there: the longest valid prefix, by bisection over isUtf8. */
function firstInvalid(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, middle - incompleteTail(bytes.subarray(0, middle))))) low = middle;
    else high = middle - 1;
  }
  return low - incompleteTail(bytes.subarray(0, low));
}
