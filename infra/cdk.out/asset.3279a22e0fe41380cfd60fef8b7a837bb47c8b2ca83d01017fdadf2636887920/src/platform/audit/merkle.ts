import { hash } from 'node:crypto';
import { AssayError } from '../../domain/index.ts';

/**
 * Merkle trees of RFC 6962 (proofs as in RFC 9162, section 2.1): leaf = SHA-256(0x00, data), node = SHA-256(0x01, left, right), and a
 * tree of n leaves splits at the largest power of two below n. Hashes are 32 bytes; leaves lie one after another in one buffer, so
 * that a million of them are 32 MB and not a million objects.
 */
export const HASH_BYTES = 32;

const LEAF = Buffer.from([0]);
/** One block for every node: a tree of a million leaves has a million of them. */
const NODE = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

export const sha256 = (data: Uint8Array): Buffer => hash('sha256', data, 'buffer');
export const leafHash = (data: Uint8Array): Buffer => sha256(Buffer.concat([LEAF, data]));

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return sha256(NODE);
}

export const leafAt = (leaves: Buffer, index: number): Buffer =>
  leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

/**
 * A tree that grows at its right edge and remembers only the roots of its complete subtrees (at most 53): a new root costs a
 * handful of hashes, however many leaves there are. Takes leaf hashes.
 * @example const tree = new GrowingTree(); tree.append(leafHash(data)); tree.root()
 */
export class GrowingTree {
  readonly #peaks: Buffer[];
  #size: number;

  constructor(from: { readonly size: number; readonly peaks: readonly Uint8Array[] } = { size: 0, peaks: [] }) {
    if (onesOf(from.size) !== from.peaks.length) {
      const what = 'a tree of this size does not have this many complete subtrees';
      throw new AssayError('tampered', { what, given: `size ${from.size}, ${from.peaks.length} subtrees` });
    }
    this.#size = from.size;
    this.#peaks = from.peaks.map((peak) => Buffer.from(peak));
  }

  get size(): number {
    return this.#size;
  }

  /** Largest first. */
  get peaks(): readonly Buffer[] {
    return this.#peaks;
  }

  append(leaf: Uint8Array): void {
    let node: Buffer = Buffer.from(leaf);
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(this.#peaks.pop()!, node);
    this.#peaks.push(node);
    this.#size += 1;
  }

  root(): Buffer {
    return this.#peaks.length === 0
      ? sha256(Buffer.alloc(0))
      : this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

function onesOf(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}

/** Root of the leaves from `start` up to, not including, `end`. */
export function rootOf(leaves: Buffer, start = 0, end = leaves.length / HASH_BYTES): Buffer {
  const tree = new GrowingTree();
  for (let index = start; index < end; index++) tree.append(leafAt(leaves, index));
  return tree.root();
}

/** The hashes that lead from leaf `index` to the root of the first `size` leaves: at most ceil(log2(size)), 20 for a million. */
export function inclusionProof(leaves: Buffer, index: number, size: number): Buffer[] {
  const path = (start: number, end: number): Buffer[] => {
    if (end - start <= 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...path(start, middle), rootOf(leaves, middle, end)]
      : [...path(middle, end), rootOf(leaves, start, middle)];
  };
  return path(0, size);
}

/** The hashes that show that the tree of the first `from` leaves is the beginning of that of the first `to`. */
export function consistencyProof(leaves: Buffer, from: number, to: number): Buffer[] {
  const path = (start: number, end: number, kept: number, isWhole: boolean): Buffer[] => {
    if (kept === end - start) return isWhole ? [] : [rootOf(leaves, start, end)];
    const middle = start + splitOf(end - start);
    return kept <= middle - start
      ? [...path(start, middle, kept, isWhole), rootOf(leaves, middle, end)]
      : [...path(middle, end, kept - (middle - start), false), rootOf(leaves, start, middle)];
  };
  return from === 0 ? [] : path(0, to, from, true);
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Root that a leaf hash and its inclusion proof lead to (RFC 9162, 2.1.3.2); undefined when the proof has not the length it must have. */
export function rootFromInclusion(
  leaf: Uint8Array,
  at: { readonly index: number; readonly size: number },
  proof: readonly Uint8Array[],
): Buffer | undefined {
  let [node, last] = [at.index, at.size - 1];
  let root: Buffer = Buffer.from(leaf);
  if (at.index < 0 || at.index >= at.size) return undefined;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else root = nodeHash(root, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? root : undefined;
}

const half = (value: number): number => Math.floor(value / 2);

type SizedRoot = { readonly size: number; readonly root: Uint8Array };

/** Whether the tree of `from` is the beginning of that of `to` (RFC 9162, 2.1.4.2). */
export function isConsistent(from: SizedRoot, to: SizedRoot, proof: readonly Uint8Array[]): boolean {
  if (from.size === 0) return proof.length === 0;
  if (from.size === to.size) return proof.length === 0 && Buffer.compare(from.root, to.root) === 0;
  if (from.size > to.size || proof.length === 0) return false;
  const steps = Number.isInteger(Math.log2(from.size)) ? [from.root, ...proof] : [...proof];
  let [node, last] = [from.size - 1, to.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let fromRoot: Buffer = Buffer.from(steps[0]!);
  let toRoot = fromRoot;
  for (const step of steps.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      [fromRoot, toRoot] = [nodeHash(step, fromRoot), nodeHash(step, toRoot)];
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else toRoot = nodeHash(toRoot, step);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && fromRoot.equals(from.root) && toRoot.equals(to.root);
}
