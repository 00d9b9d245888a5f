import { type AttributionKernel, leftShareOf, type Quadrature, repeatConstants } from './attribution.ts';
import { locateSplit } from './margin.ts';
import type { RowRanks } from './row-ranks.ts';
import type { Tree, TreeModel } from './tree-model.ts';

/** Paths of at most six distinct features. */
export const FULL_KERNEL_POINTS = 3;

/** Integers a node: slot, rank, feature, ancestor * 2 + side, offset in `constants`. */
const NODE_INTS = 5;
/** Values an entry of `constants`: a and w at the three points. */
const ENTRY = 6;
/** Rank of a padded node: every row goes left. */
const NEVER_RIGHT = 0x3fffffff;

/** All trees, `width` = 2^depth heap positions each; position 0 of a tree is unused. */
type Plan = {
  readonly width: number;
  readonly nodes: Int32Array;
  /** Per position: cover share of the right child, then of the left one; [2 * position + right] is the cold child's. */
  readonly coldShares: Float64Array;
  readonly leaves: Float64Array;
  /** Entry 0: the row left the path of the feature; 1: the feature is new on its path; 2..: split on above and followed. */
  readonly constants: Float64Array;
};

type Scratch = {
  /** G and H at the three points, by heap position in the current tree. */
  readonly products: Float64Array;
  readonly sums: Float64Array;
  readonly wentRight: Int32Array;
  /** 1 = the row followed every split on the node's feature above it. */
  readonly follows: Int32Array;
};

/**
 * The recurrences of attribution.ts for trees padded to full binary trees, with three quadrature points: no child
 * pointers, no branches, one tree's state at a time in the nearest cache. Nodes are in heap order from 1; a padded node
 * has the same value on both sides and changes nothing.
 */
export function compileFullAttribution(
  model: TreeModel,
  ranks: RowRanks,
  quadrature: Quadrature,
  shape: { readonly depth: number; readonly bias: number },
): AttributionKernel {
  const plan = planFullTrees(model, ranks, quadrature, shape.depth);
  const { width } = plan;
  const scratch: Scratch = {
    products: new Float64Array(3 * width),
    sums: new Float64Array(3 * width),
    wentRight: new Int32Array(width),
    follows: new Int32Array(width),
  };
  // Position 0 stands above every root: a feature new on its path counts as followed there.
  scratch.follows[0] = 1;
  const total = shape.depth === 0 ? 0 : model.trees.length * width;
  return (slots, out) => {
    out.fill(0);
    for (let tree = 0; tree < total; tree += width) {
      descend(plan, scratch, slots, tree);
      attributeBottom(plan, scratch, slots, out, tree);
      ascend(plan, scratch, out, tree);
    }
    return shape.bias;
  };
}

/** Decisions and products, from the root to the parents of the bottom nodes. */
function descend(plan: Plan, scratch: Scratch, slots: Int32Array, tree: number): void {
  const { nodes, coldShares, constants } = plan;
  const { products, wentRight, follows } = scratch;
  const bottom = plan.width >> 1;
  products[3] = 1;
  products[4] = 1;
  products[5] = 1;
  for (let i = 1; i < bottom; i++) {
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

/** The bottom nodes: both children are leaves, so their difference is one number for all points. */
function attributeBottom(plan: Plan, scratch: Scratch, slots: Int32Array, out: Float64Array, tree: number): void {
  const { nodes, coldShares, constants, leaves, width } = plan;
  const { products, sums, wentRight, follows } = scratch;
  for (let i = width >> 1; i < width; i++) {
    const at = (tree + i) * NODE_INTS;
    const right = (nodes[at + 1]! - slots[nodes[at]!]!) >>> 31;
    const above = nodes[at + 3]!;
    const follow = follows[above >> 1]! & (wentRight[above >> 1]! ^ above ^ 1);
    const entry = follow * nodes[at + 4]!;
    const leaf = tree + 2 * i - width;
    const value = leaves[leaf + right]!;
    const difference = coldShares[2 * (tree + i) + right]! * (value - leaves[leaf + 1 - right]!);
    const own = 3 * i;
    const feature = nodes[at + 2]!;
    out[feature] =
      out[feature]! +
      difference *
        (constants[entry + 3]! * products[own]! +
          constants[entry + 4]! * products[own + 1]! +
          constants[entry + 5]! * products[own + 2]!);
    sums[own] = value - constants[entry]! * difference;
    sums[own + 1] = value - constants[entry + 1]! * difference;
    sums[own + 2] = value - constants[entry + 2]! * difference;
  }
}

/** Sums and attributions, from the parents of the bottom nodes back to the root. */
function ascend(plan: Plan, scratch: Scratch, out: Float64Array, tree: number): void {
  const { nodes, coldShares, constants } = plan;
  const { products, sums, wentRight, follows } = scratch;
  for (let i = (plan.width >> 1) - 1; i > 0; i--) {
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

function planFullTrees(model: TreeModel, ranks: RowRanks, quadrature: Quadrature, depth: number): Plan {
  const width = 2 ** depth;
  const positions = model.trees.length * width;
  const nodes = new Int32Array(positions * NODE_INTS);
  for (let at = 0; at < nodes.length; at += NODE_INTS) nodes[at + 1] = NEVER_RIGHT;
  const coldShares = new Float64Array(2 * positions).fill(0.5);
  const leaves = new Float64Array(positions);
  const constants = [1, 1, 1, 0, 0, 0, ...repeatConstants(quadrature, 1)];
  model.trees.forEach((tree, t) => {
    placeTree({ tree, ranks, quadrature, depth, base: t * width, nodes, coldShares, leaves, constants });
  });
  return { width, nodes, coldShares, leaves, constants: Float64Array.from(constants) };
}

type Placement = {
  readonly tree: Tree;
  readonly ranks: RowRanks;
  readonly quadrature: Quadrature;
  readonly depth: number;
  readonly base: number;
  readonly nodes: Int32Array;
  readonly coldShares: Float64Array;
  readonly leaves: Float64Array;
  readonly constants: number[];
};

/** For each feature split on above: where last, on which side the path went on, and the product of cover shares. */
type Seen = ReadonlyMap<number, { readonly heap: number; readonly side: 0 | 1; readonly share: number }>;

function placeTree(placement: Placement): void {
  const { tree, ranks, quadrature, depth, base, nodes, coldShares, leaves, constants } = placement;
  const place = (node: number, heap: number, level: number, seen: Seen): void => {
    const left = tree.left[node]!;
    if (left < 0) {
      const below = 2 ** (depth - level);
      const first = base + heap * below - 2 ** depth;
      leaves.fill(tree.split[node]!, first, first + below);
      return;
    }
    const { slot, rank } = locateSplit(tree, node, ranks);
    const feature = tree.feature[node]!;
    const above = seen.get(feature);
    const entry = above ? constants.length : ENTRY;
    if (above) constants.push(...repeatConstants(quadrature, above.share));
    nodes.set([slot, rank, feature, above ? above.heap * 2 + above.side : 0, entry], (base + heap) * NODE_INTS);
    const share = leftShareOf(tree, node);
    coldShares.set([1 - share, share], 2 * (base + heap));
    const before = above?.share ?? 1;
    place(left, heap * 2, level + 1, new Map(seen).set(feature, { heap, side: 0, share: before * share }));
    place(
      left + 1,
      heap * 2 + 1,
      level + 1,
      new Map(seen).set(feature, { heap, side: 1, share: before * (1 - share) }),
    );
  };
  place(0, 1, 0, new Map());
}
