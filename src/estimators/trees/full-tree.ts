import { leftShareOf } from './attribution.ts';
import { locateSplit } from './margin.ts';
import type { RowRanks } from './row-ranks.ts';
import type { Tree } from './tree-model.ts';

/** Rank of a padded node: every row goes left. */
export const NEVER_RIGHT = 0x3fffffff;

/** One node of a tree padded to a full binary tree. */
export type FullNode = {
  readonly slot: number;
  readonly rank: number;
  readonly feature: number;
  readonly leftShare: number;
  /** Nearest node above on the same feature: heap position * 2 + the side on which this node lies; 0 = the feature is new. */
  readonly above: number;
  /** Product of the cover shares of the feature's splits above. */
  readonly shareAbove: number;
};

const PADDED: FullNode = { slot: 0, rank: NEVER_RIGHT, feature: 0, leftShare: 0.5, above: 0, shareAbove: 1 };

/** For each feature split on above: where last, on which side the path went on, and the product of cover shares. */
type Seen = ReadonlyMap<number, { readonly above: number; readonly share: number }>;

/** A tree laid out in heap order from 1; where it ends early, padded nodes lead to copies of its leaf. Reused from tree to tree. */
export class FullTree {
  readonly nodes: FullNode[];
  /** Values of the leaves, left to right. */
  readonly leaves: Float64Array;
  readonly #ranks: RowRanks;

  constructor(ranks: RowRanks, depth: number) {
    this.#ranks = ranks;
    this.leaves = new Float64Array(2 ** depth);
    this.nodes = new Array<FullNode>(2 ** depth).fill(PADDED);
  }

  /** No tree: nothing but padding around zeros. */
  place(tree: Tree | undefined): void {
    this.nodes.fill(PADDED);
    if (tree) this.#place(tree, 0, 1, new Map());
    else this.leaves.fill(0);
  }

  #place(tree: Tree, node: number, heap: number, seen: Seen): void {
    const left = tree.left[node]!;
    if (left < 0) {
      const below = this.leaves.length / 2 ** Math.floor(Math.log2(heap));
      const first = heap * below - this.leaves.length;
      this.leaves.fill(tree.split[node]!, first, first + below);
      return;
    }
    const feature = tree.feature[node]!;
    const { above, share: shareAbove } = seen.get(feature) ?? { above: 0, share: 1 };
    const leftShare = leftShareOf(tree, node);
    this.nodes[heap] = { ...locateSplit(tree, node, this.#ranks), feature, leftShare, above, shareAbove };
    for (const side of [0, 1] as const) {
      const share = shareAbove * (side === 0 ? leftShare : 1 - leftShare);
      this.#place(tree, left + side, heap * 2 + side, new Map(seen).set(feature, { above: heap * 2 + side, share }));
    }
  }
}
