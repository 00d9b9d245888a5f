/** Bytes of two nodes at the same place of their trees, one in each lane. */
export const NODE_BYTES = 48;
/** Ranks and cover shares of the left children: two float64 each. Slots and features: two uint16 each, in bytes. Repeat: its address or 0. */
export const NODE = { ranks: 0, shares: 16, slots: 32, features: 36, repeat: 40 } as const;
/** Two float32. */
export const LEAF_BYTES = 8;
/**
 * Of nodes of which one splits on a feature that was split on above: the decisions with which a row follows that feature, both
 * lanes' bits in one; which of them count, an int64 a lane; then a at each point and w at each point, two float64 each.
 */
export const REPEAT = { expected: 0, masks: 8, constants: 24 } as const;

/** Where things lie in the memory of the kernel, in bytes. */
export type Layout = {
  readonly slots: number;
  readonly out: number;
  readonly pairs: number;
  readonly pairBytes: number;
  readonly repeats: number;
  readonly repeatBytes: number;
};

export function layoutOf(
  { slotCount, featureCount }: { readonly slotCount: number; readonly featureCount: number },
  { depth, treeCount, points }: { readonly depth: number; readonly treeCount: number; readonly points: number },
): Layout {
  const out = slotCount * Float64Array.BYTES_PER_ELEMENT;
  const pairs = (out + featureCount * Float64Array.BYTES_PER_ELEMENT + 63) & ~63;
  const pairBytes = pairBytesOf(depth);
  const repeats = pairs + Math.ceil(treeCount / 2) * pairBytes;
  return { slots: 0, out, pairs, pairBytes, repeats, repeatBytes: REPEAT.constants + 2 * 16 * points };
}

/** Nodes in heap order from 1, then leaves. */
export function pairBytesOf(depth: number): number {
  return (2 ** depth - 1) * NODE_BYTES + 2 ** depth * LEAF_BYTES;
}
