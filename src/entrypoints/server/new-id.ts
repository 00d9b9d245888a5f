import { randomFillSync } from 'node:crypto';
import type { Clock } from '../../platform/index.ts';

const ID_BYTES = 16;
/** Random bytes are drawn for so many ids at once: to ask the generator costs as much as to score. */
const IDS_DRAWN = 256;

const drawn = Buffer.alloc(ID_BYTES * IDS_DRAWN);
let used = drawn.length;

/** UUID version 7 (RFC 9562): 48 bits of milliseconds, then random; ids sort by time, which keeps indexes narrow. */
export function uuidV7(clock: Clock): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const at = used;
  used += ID_BYTES;
  drawn.writeUIntBE(clock.now().getTime(), at, 6);
  drawn[at + 6] = 0x70 | (drawn[at + 6]! & 0x0f);
  drawn[at + 8] = 0x80 | (drawn[at + 8]! & 0x3f);
  const hex = drawn.toString('hex', at, at + ID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
