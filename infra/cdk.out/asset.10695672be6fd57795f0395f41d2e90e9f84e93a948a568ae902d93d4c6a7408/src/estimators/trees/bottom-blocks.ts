import { type Quadrature, repeatConstants } from './attribution.ts';
import type { Scratch } from './attribution-full.ts';
import type { FullNode, FullTree } from './full-tree.ts';

/** Levels of a block: a node and its two children. */
export const BLOCK_DEPTH = 2;

/** Integers a block: slot and rank of its three nodes, their features, offset of its table, end of its repeats. */
const BLOCK_INTS = 11;
/** Values a row of a table: the coefficients of G at three points for each of three nodes, then H at three points. */
const ROW = 12;
/** Rows by the three decisions. */
const ROWS = 8;
const POINTS = 3;
/** 128 MiB of tables. */
const MAX_TABLE_VALUES = 1 << 24;

/**
 * The last two levels of full trees, looked up. What such a block adds to the attributions of its three features is linear
 * in the products G that reach its root, and its sums H do not depend on them; coefficients and sums follow from the three
 * decisions, and from whether the row followed the splits above on the block's features: a row of a table for each case.
 */
export type BottomBlocks = {
  readonly blocks: Int32Array;
  /** Two integers for each feature of a block that was split on above: ancestor * 2 + side, offset when the row followed. */
  readonly repeats: Int32Array;
  readonly table: Float64Array;
};

/** Adds the attributions of all blocks of a tree to `out` and sets the sums of their roots, heap positions `width` to 2 `width` - 1. */
export function attributeBlocks(
  { blocks, repeats, table }: BottomBlocks,
  { products, sums, wentRight, follows }: Scratch,
  slots: Int32Array,
  out: Float64Array,
  tree: number,
  width: number,
): void {
  let at = tree * BLOCK_INTS;
  let repeat = at === 0 ? 0 : blocks[at - 1]!;
  for (let own = 3 * width; own < 6 * width; own += 3, at += BLOCK_INTS) {
    const right =
      ((blocks[at + 1]! - slots[blocks[at]!]!) >>> 31) |
      (((blocks[at + 3]! - slots[blocks[at + 2]!]!) >>> 31) << 1) |
      (((blocks[at + 5]! - slots[blocks[at + 4]!]!) >>> 31) << 2);
    let row = blocks[at + 9]! + right * ROW;
    for (const end = blocks[at + 10]!; repeat < end; repeat += 2) {
      const above = repeats[repeat]!;
      row += (follows[above >> 1]! & (wentRight[above >> 1]! ^ above ^ 1)) * repeats[repeat + 1]!;
    }
    const g0 = products[own]!;
    const g1 = products[own + 1]!;
    const g2 = products[own + 2]!;
    const root = blocks[at + 6]!;
    const left = blocks[at + 7]!;
    const other = blocks[at + 8]!;
    out[root] = out[root]! + (table[row]! * g0 + table[row + 1]! * g1 + table[row + 2]! * g2);
    out[left] = out[left]! + (table[row + 3]! * g0 + table[row + 4]! * g1 + table[row + 5]! * g2);
    out[other] = out[other]! + (table[row + 6]! * g0 + table[row + 7]! * g1 + table[row + 8]! * g2);
    sums[own] = table[row + 9]!;
    sums[own + 1] = table[row + 10]!;
    sums[own + 2] = table[row + 11]!;
  }
}

/** A block's root, left and right node with the values of its four leaves. */
type Block = { readonly nodes: readonly [FullNode, FullNode, FullNode]; readonly leaves: Float64Array };

/** Collects the blocks of all trees, in the order in which they are evaluated. */
export class BottomBlockBuilder {
  readonly #blocks: Int32Array;
  readonly #quadrature: Quadrature;
  readonly #repeats: number[] = [];
  #table = new Float64Array(1 << 12);
  #tableSize = 0;
  #count = 0;

  constructor(count: number, quadrature: Quadrature) {
    this.#blocks = new Int32Array(count * BLOCK_INTS);
    this.#quadrature = quadrature;
  }

  add(tree: FullTree, heap: number): void {
    const [root, left, right] = [tree.nodes[heap]!, tree.nodes[heap * 2]!, tree.nodes[heap * 2 + 1]!];
    const first = heap * 4 - tree.leaves.length;
    const block: Block = { nodes: [root, left, right], leaves: tree.leaves.subarray(first, first + 4) };
    const offset = this.#tableSize;
    const features = repeatedFeatures(block, heap);
    features.forEach(({ above }, i) => {
      this.#repeats.push(above, ROWS * ROW * 2 ** i);
    });
    if (offset < MAX_TABLE_VALUES) this.#fillTable(block, features);
    this.#blocks.set(
      [
        ...block.nodes.flatMap(({ slot, rank }) => [slot, rank]),
        ...block.nodes.map((node) => node.feature),
        offset,
        this.#repeats.length,
      ],
      this.#count++ * BLOCK_INTS,
    );
  }

  /** Undefined: the tables would be too large. */
  build(): BottomBlocks | undefined {
    if (this.#tableSize >= MAX_TABLE_VALUES) return undefined;
    const table = this.#table.slice(0, this.#tableSize);
    return { blocks: this.#blocks, repeats: Int32Array.from(this.#repeats), table };
  }

  #fillTable(block: Block, repeated: readonly Repeated[]): void {
    const rows = ROWS * 2 ** repeated.length;
    const begin = this.#tableSize;
    this.#tableSize += rows * ROW;
    if (this.#tableSize > this.#table.length) {
      const larger = new Float64Array(Math.max(this.#tableSize, 2 * this.#table.length));
      larger.set(this.#table);
      this.#table = larger;
    }
    for (let row = 0; row < rows; row++) {
      const followed = new Set(repeated.filter((_, i) => ((row >> (3 + i)) & 1) === 1).map(({ feature }) => feature));
      const out = this.#table.subarray(begin + row * ROW, begin + (row + 1) * ROW);
      fillRow(block, decisionsOf(row), (node) => constantsOf(this.#quadrature, block, node, row, followed), out);
    }
  }
}

type Repeated = { readonly feature: number; readonly above: number };

/** The block's features that were split on above its root, each with the nearest such split. */
function repeatedFeatures(block: Block, heap: number): Repeated[] {
  const found = new Map<number, Repeated>();
  for (const { feature, above } of block.nodes) {
    if (above > 0 && above >> 1 < heap && !found.has(feature)) found.set(feature, { feature, above });
  }
  return [...found.values()];
}

type Decisions = readonly [number, number, number];
const decisionsOf = (row: number): Decisions => [row & 1, (row >> 1) & 1, (row >> 2) & 1];

/** a and w of a node at each point (see attribution.ts), for one row of the table. */
function constantsOf(
  quadrature: Quadrature,
  { nodes }: Block,
  index: number,
  row: number,
  followed: ReadonlySet<number>,
): readonly number[] {
  const [root] = nodes;
  const node = nodes[index]!;
  if (node.above === 0) return repeatConstants(quadrature, 1);
  const isBelowRoot = index > 0 && node.feature === root.feature;
  const followsRoot = !isBelowRoot || (row & 1) === index - 1;
  const isNewAtRoot = isBelowRoot && root.above === 0;
  const followsAbove = isNewAtRoot || followed.has(node.feature);
  return followsRoot && followsAbove ? repeatConstants(quadrature, node.shareAbove) : [1, 1, 1, 0, 0, 0];
}

/** The recurrences of attribution.ts over the three nodes, with G of the root left out. */
function fillRow(
  { nodes, leaves }: Block,
  decisions: Decisions,
  constants: (index: number) => readonly number[],
  out: Float64Array,
): void {
  const [ofRoot, ofLeft, ofRight] = [constants(0), constants(1), constants(2)];
  const coldShareOf = (index: number) =>
    decisions[index] === 1 ? nodes[index]!.leftShare : 1 - nodes[index]!.leftShare;
  const rootShare = coldShareOf(0);
  for (let q = 0; q < POINTS; q++) {
    const toCold = ofRoot[q]! * rootShare;
    const sumOf = [0, 0];
    for (const [side, own] of [ofLeft, ofRight].entries()) {
      const hot = leaves[2 * side + decisions[side + 1]!]!;
      const cold = leaves[2 * side + 1 - decisions[side + 1]!]!;
      const difference = coldShareOf(side + 1) * (hot - cold);
      const product = side === decisions[0] ? 1 - toCold : toCold;
      out[POINTS * (side + 1) + q] = own[POINTS + q]! * product * difference;
      sumOf[side] = hot - own[q]! * difference;
    }
    const difference = rootShare * (sumOf[decisions[0]]! - sumOf[1 - decisions[0]]!);
    out[q] = ofRoot[POINTS + q]! * difference;
    out[3 * POINTS + q] = sumOf[decisions[0]]! - ofRoot[q]! * difference;
  }
}
