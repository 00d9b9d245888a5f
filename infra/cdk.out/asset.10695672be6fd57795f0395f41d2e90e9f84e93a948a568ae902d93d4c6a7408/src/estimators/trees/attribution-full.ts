import { type AttributionKernel, type Quadrature, repeatConstants } from './attribution.ts';
import { attributeBlocks, BLOCK_DEPTH, BottomBlockBuilder, type BottomBlocks } from './bottom-blocks.ts';
import { FullTree, NEVER_RIGHT } from './full-tree.ts';
import type { RowRanks } from './row-ranks.ts';
import type { TreeModel } from './tree-model.ts';

/** Paths of at most six distinct features. */
export const FULL_KERNEL_POINTS = 3;

/** Integers a node: slot, rank, feature, ancestor * 2 + side, offset in `constants`. */
const NODE_INTS = 5;
/** Values an entry of `constants`: a and w at the three points. */
const ENTRY = 6;

/** All trees, `width` = 2^(depth - 2) heap positions of the nodes above the bottom blocks each; position 0 of a tree is unused. */
type Plan = {
  readonly width: number;
  readonly nodes: Int32Array;
  /** Per position: cover share of the right child, then of the left one; [2 * position + right] is the cold child's. */
  readonly coldShares: Float64Array;
  /** Entry 0: the row left the path of the feature; 1: the feature is new on its path; 2..: split on above and followed. */
  readonly constants: Float64Array;
  readonly blocks: BottomBlocks;
};

/** State of the current tree. */
export type Scratch = {
  /** G and H at the three points, by heap position down to the roots of the bottom blocks. */
  readonly products: Float64Array;
  readonly sums: Float64Array;
  readonly wentRight: Int32Array;
  /** 1 = the row followed every split on the node's feature above it. */
  readonly follows: Int32Array;
};

/**
 * The recurrences of attribution.ts for trees padded to full binary trees, with three quadrature points: no child
 * pointers, no branches, one tree's state at a time in the nearest cache. Nodes are in heap order from 1; a padded node
 * has the same value on both sides and changes nothing. The last two levels, three quarters of the nodes, are looked up:
 * see bottom-blocks.ts.
 * @returns undefined when the tables of the bottom blocks would be too large.
 */
export function compileFullAttribution(
  model: TreeModel,
  ranks: RowRanks,
  quadrature: Quadrature,
  shape: { readonly depth: number; readonly bias: number },
): AttributionKernel | undefined {
  const plan = planFullTrees(model, ranks, quadrature, Math.max(shape.depth, BLOCK_DEPTH));
  if (!plan) return undefined;
  const { width, blocks } = plan;
  const scratch: Scratch = {
    products: new Float64Array(6 * width),
    sums: new Float64Array(6 * width),
    wentRight: new Int32Array(width),
    follows: new Int32Array(width),
  };
  // Position 0 stands above every root: a feature new on its path counts as followed there.
  scratch.follows[0] = 1;
  scratch.products.fill(1, 3, 6);
  const total = shape.depth === 0 ? 0 : model.trees.length * width;
  return (slots, out) => {
    out.fill(0);
    for (let tree = 0; tree < total; tree += width) {
      descend(plan, scratch, slots, tree);
      attributeBlocks(blocks, scratch, slots, out, tree, width);
      ascend(plan, scratch, out, tree);
    }
    return shape.bias;
  };
}

/** Decisions and products, from the root to the roots of the bottom blocks. */
function descend(plan: Plan, scratch: Scratch, slots: Int32Array, tree: number): void {
  const { nodes, coldShares, constants } = plan;
  const { products, wentRight, follows } = scratch;
  for (let i = 1; i < plan.width; i++) {
    const at = (tree + i) * NODE_INTS;
    const right = (nodes[at + 1]! - slots[nodes[at]!]!) >>> 31;
    wentRight[i] = right;
    const above = nodes[at + 3]!;
    const follow = follows[above >> 1]! & (wentRight[above >> 1]! ^ above ^ 1);
    follows[i] = follow;
    const entry = follow * nodes[at + 4]!;
    const coldShare = coldShares[2 * (tree + i) + right]!;
    const own = 3 * i;
    const hot = 6 * i + 3 * right;
    const cold = 6 * i + 3 - 3 * right;
    const g0 = products[own]!;
    const g1 = products[own + 1]!;
    const g2 = products[own + 2]!;
    const c0 = g0 * constants[entry]! * coldShare;
    const c1 = g1 * constants[entry + 1]! * coldShare;
    const c2 = g2 * constants[entry + 2]! * coldShare;
    products[cold] = c0;
    products[cold + 1] = c1;
    products[cold + 2] = c2;
    products[hot] = g0 - c0;
    products[hot + 1] = g1 - c1;
    products[hot + 2] = g2 - c2;
  }
}

/** Sums and attributions, from the parents of the bottom blocks back to the root. */
function ascend(plan: Plan, scratch: Scratch, out: Float64Array, tree: number): void {
  const { nodes, coldShares, constants } = plan;
  const { products, sums, wentRight, follows } = scratch;
  for (let i = plan.width - 1; i > 0; i--) {
    const at = (tree + i) * NODE_INTS;
    const right = wentRight[i]!;
    const entry = follows[i]! * nodes[at + 4]!;
    const coldShare = coldShares[2 * (tree + i) + right]!;
    const own = 3 * i;
    const hot = 6 * i + 3 * right;
    const cold = 6 * i + 3 - 3 * right;
    const h0 = sums[hot]!;
    const h1 = sums[hot + 1]!;
    const h2 = sums[hot + 2]!;
    const d0 = coldShare * (h0 - sums[cold]!);
    const d1 = coldShare * (h1 - sums[cold + 1]!);
    const d2 = coldShare * (h2 - sums[cold + 2]!);
    sums[own] = h0 - constants[entry]! * d0;
    sums[own + 1] = h1 - constants[entry + 1]! * d1;
    sums[own + 2] = h2 - constants[entry + 2]! * d2;
    const feature = nodes[at + 2]!;
    out[feature] =
      out[feature]! +
      constants[entry + 3]! * products[own]! * d0 +
      constants[entry + 4]! * products[own + 1]! * d1 +
      constants[entry + 5]! * products[own + 2]! * d2;
  }
}

function planFullTrees(model: TreeModel, ranks: RowRanks, quadrature: Quadrature, depth: number): Plan | undefined {
  const width = 2 ** (depth - BLOCK_DEPTH);
  const positions = model.trees.length * width;
  const nodes = new Int32Array(positions * NODE_INTS);
  for (let at = 0; at < nodes.length; at += NODE_INTS) nodes[at + 1] = NEVER_RIGHT;
  const coldShares = new Float64Array(2 * positions).fill(0.5);
  const constants = [1, 1, 1, 0, 0, 0, ...repeatConstants(quadrature, 1)];
  const full = new FullTree(ranks, depth);
  const builder = new BottomBlockBuilder(positions, quadrature);
  model.trees.forEach((tree, t) => {
    full.place(tree);
    for (let heap = 1; heap < width; heap++) {
      const node = full.nodes[heap]!;
      const isRepeat = node.above > 0;
      nodes.set(
        [node.slot, node.rank, node.feature, node.above, isRepeat ? constants.length : ENTRY],
        (t * width + heap) * NODE_INTS,
      );
      if (isRepeat) constants.push(...repeatConstants(quadrature, node.shareAbove));
      coldShares.set([1 - node.leftShare, node.leftShare], 2 * (t * width + heap));
    }
    for (let heap = width; heap < 2 * width; heap++) builder.add(full, heap);
  });
  const blocks = builder.build();
  return blocks && { width, nodes, coldShares, constants: Float64Array.from(constants), blocks };
}
