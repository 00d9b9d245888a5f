import { compileSimdAttribution } from './attribution-simd.ts';
import { locateSplit } from './margin.ts';
import type { RowRanks } from './row-ranks.ts';
import type { Tree, TreeModel } from './tree-model.ts';

/** Writes the attribution of each feature into `out` and returns the bias (expected margin over the training rows). */
export type AttributionKernel = (slots: Int32Array, out: Float64Array) => number;

/**
 * Exact path-dependent TreeSHAP (Lundberg et al. 2018), by quadrature.
 *
 * For a leaf with value v whose path splits on m distinct features, feature i with zero fraction z_i (share of training
 * cover that follows the path) and one fraction o_i (1 if the row follows it at each of its splits) is attributed
 *   v (o_i - z_i) * sum over S of |S|! (m-1-|S|)! / m! * prod_{j in S} o_j * prod_{j not in S} z_j,
 * and as |S|! (m-1-|S|)! / m! is the Beta integral of t^|S| (1-t)^(m-1-|S|) on [0, 1], the sum is the integral of
 *   prod_{j != i} (z_j (1-t) + o_j t):
 * a polynomial of degree m-1, which Gauss-Legendre quadrature with ceil(m/2) points integrates exactly.
 * At a fixed t the leaf products need not be formed one by one. With G the product of the factors above a node and H the
 * sum over the leaves below it (v times the factors below), a node with cover shares z_hot, z_cold of the child the row
 * takes and the other one has
 *   D = z_cold (H_hot - H_cold),  H = H_hot - a D,  attribution += w G D,  G_hot = G (1 - a z_cold),  G_cold = G a z_cold,
 * where a = 1-t and w is the quadrature weight. When the feature was split on higher up with product Z of cover shares and
 * the row followed there, a = Z (1-t) / f and w is multiplied by Z / f^2 with f = Z (1-t) + t; when the row did not follow,
 * a = 1 and w = 0: the node only averages. Two passes over the nodes, no recursion, no allocation.
 */
export function compileAttribution(model: TreeModel, ranks: RowRanks): AttributionKernel {
  const points = Math.max(1, Math.ceil(mostFeaturesOnPath(model) / 2));
  const depth = model.trees.reduce((deepest, tree) => Math.max(deepest, tree.depth), 0);
  if (depth <= MAX_FULL_DEPTH && model.trees.length > 0) {
    const bias = model.trees.reduce((sum, tree) => sum + expectedValue(tree), model.baseMargin);
    const simd = compileSimdAttribution(model, ranks, gaussLegendre(points), { depth, bias });
    if (simd) return simd;
  }
  return compileGeneralAttribution(model, ranks, points);
}

/** Above this depth padding to full binary trees costs more than it saves. */
const MAX_FULL_DEPTH = 7;

/** Any depth, any number of quadrature points. */
export function compileGeneralAttribution(model: TreeModel, ranks: RowRanks, points: number): AttributionKernel {
  const plan = planTrees(model, ranks, gaussLegendre(points));
  return (slots, out) => {
    out.fill(0);
    for (let t = 0; t < plan.treeCount; t++) attributeTree(plan, t, slots, out);
    return plan.bias;
  };
}

/** Internal nodes of all trees, tree after tree in breadth-first order; leaves have rows of `sums` only. */
type Plan = {
  readonly points: number;
  readonly treeCount: number;
  readonly bias: number;
  /** Internal nodes of tree t are first[t] to first[t + 1] - 1. */
  readonly first: Int32Array;
  /** Six integers a node: slot, rank, left row, right row, feature, repeat (-1 = the feature is new on this path). */
  readonly nodes: Int32Array;
  /** Cover share of the left child. */
  readonly leftShare: Float64Array;
  /** Repeated nodes: the nearest node above on the same feature, and 1 if this node lies in its right branch. */
  readonly ancestor: Int32Array;
  readonly ancestorSide: Uint8Array;
  /** Per entry `points` values: 0 = feature new on the path, 1 = row left the path of this feature, 2.. = repeated nodes. */
  readonly shrink: Float64Array;
  readonly weight: Float64Array;
  /** Rows of `points` values: G by internal node, H by internal node and leaf (leaf rows are constant). */
  readonly products: Float64Array;
  readonly sums: Float64Array;
  /** By internal node: 1 if the row went right; 1 if the row followed every split on this feature above. */
  readonly wentRight: Uint8Array;
  readonly follows: Uint8Array;
};

const NODE_INTS = 6;

function attributeTree(plan: Plan, tree: number, slots: Int32Array, out: Float64Array): void {
  const { points, first, nodes, leftShare, shrink, weight, products, sums, wentRight, follows } = plan;
  const begin = first[tree]!;
  const end = first[tree + 1]!;
  if (begin === end) return;
  for (let q = 0; q < points; q++) products[begin * points + q] = 1;
  for (let node = begin; node < end; node++) {
    const at = node * NODE_INTS;
    const right = (nodes[at + 1]! - slots[nodes[at]!]!) >>> 31;
    wentRight[node] = right;
    const entry = constantsOf(plan, node, nodes[at + 5]!) * points;
    const share = leftShare[node]!;
    const coldShare = right === 1 ? share : 1 - share;
    const hot = nodes[at + 2 + right]! * points;
    const cold = nodes[at + 3 - right]! * points;
    const own = node * points;
    for (let q = 0; q < points; q++) {
      const above = products[own + q]!;
      const toCold = above * shrink[entry + q]! * coldShare;
      products[cold + q] = toCold;
      products[hot + q] = above - toCold;
    }
  }
  for (let node = end - 1; node >= begin; node--) {
    const at = node * NODE_INTS;
    const right = wentRight[node]!;
    const repeat = nodes[at + 5]!;
    const entry = (repeat < 0 ? 0 : follows[node] === 1 ? 2 + repeat : 1) * points;
    const share = leftShare[node]!;
    const coldShare = right === 1 ? share : 1 - share;
    const hot = nodes[at + 2 + right]! * points;
    const cold = nodes[at + 3 - right]! * points;
    const own = node * points;
    let attribution = 0;
    for (let q = 0; q < points; q++) {
      const sumHot = sums[hot + q]!;
      const difference = coldShare * (sumHot - sums[cold + q]!);
      attribution += weight[entry + q]! * products[own + q]! * difference;
      sums[own + q] = sumHot - shrink[entry + q]! * difference;
    }
    out[nodes[at + 4]!]! += attribution;
  }
}

function constantsOf(plan: Plan, node: number, repeat: number): number {
  if (repeat < 0) {
    plan.follows[node] = 1;
    return 0;
  }
  const above = plan.ancestor[repeat]!;
  const isFollowing = plan.follows[above] === 1 && plan.wentRight[above] === plan.ancestorSide[repeat];
  plan.follows[node] = isFollowing ? 1 : 0;
  return isFollowing ? 2 + repeat : 1;
}

export type Quadrature = { readonly points: Float64Array; readonly weights: Float64Array };

function planTrees(model: TreeModel, ranks: RowRanks, quadrature: Quadrature): Plan {
  const points = quadrature.points.length;
  const internal = model.trees.map((tree) => (tree.nodeCount - 1) / 2);
  const internalCount = internal.reduce((sum, count) => sum + count, 0);
  const rowCount = 2 * internalCount + model.trees.length;
  const builder = {
    nodes: new Int32Array(internalCount * NODE_INTS),
    leftShare: new Float64Array(internalCount),
    ancestor: [] as number[],
    ancestorSide: [] as number[],
    shrink: Array.from(quadrature.points, (t) => 1 - t),
    weight: Array.from(quadrature.weights),
    sums: new Float64Array(rowCount * points),
  };
  for (let q = 0; q < points; q++) {
    builder.shrink.push(1);
    builder.weight.push(0);
  }
  const first = new Int32Array(model.trees.length + 1);
  let nextRow = internalCount;
  let bias = model.baseMargin;
  model.trees.forEach((tree, t) => {
    first[t + 1] = first[t]! + internal[t]!;
    nextRow = planTree(tree, ranks, quadrature, builder, first[t]!, nextRow);
    bias += expectedValue(tree);
  });
  return {
    points,
    treeCount: model.trees.length,
    bias,
    first,
    nodes: builder.nodes,
    leftShare: builder.leftShare,
    ancestor: Int32Array.from(builder.ancestor),
    ancestorSide: Uint8Array.from(builder.ancestorSide),
    shrink: Float64Array.from(builder.shrink),
    weight: Float64Array.from(builder.weight),
    products: new Float64Array(rowCount * points),
    sums: builder.sums,
    wentRight: new Uint8Array(internalCount),
    follows: new Uint8Array(internalCount),
  };
}

type Builder = {
  readonly nodes: Int32Array;
  readonly leftShare: Float64Array;
  readonly ancestor: number[];
  readonly ancestorSide: number[];
  readonly shrink: number[];
  readonly weight: number[];
  readonly sums: Float64Array;
};

/** Per node of the path above: for each feature seen, where it was split last, which way the path went, product of shares. */
type Seen = ReadonlyMap<number, { readonly node: number; readonly side: 0 | 1; readonly share: number }>;

function planTree(
  tree: Tree,
  ranks: RowRanks,
  quadrature: Quadrature,
  builder: Builder,
  firstNode: number,
  firstLeafRow: number,
): number {
  const points = quadrature.points.length;
  const rowOf = new Int32Array(tree.nodeCount);
  let nextNode = firstNode;
  let nextLeaf = firstLeafRow;
  for (let node = 0; node < tree.nodeCount; node++) rowOf[node] = tree.left[node]! < 0 ? nextLeaf++ : nextNode++;
  const visit = (node: number, seen: Seen): void => {
    const row = rowOf[node]!;
    const left = tree.left[node]!;
    if (left < 0) {
      builder.sums.fill(tree.split[node]!, row * points, (row + 1) * points);
      return;
    }
    const feature = tree.feature[node]!;
    const above = seen.get(feature);
    const share = leftShareOf(tree, node);
    const { slot, rank } = locateSplit(tree, node, ranks);
    const repeat = above ? addRepeat(builder, quadrature, above) : -1;
    builder.nodes.set([slot, rank, rowOf[left]!, rowOf[left + 1]!, feature, repeat], row * NODE_INTS);
    builder.leftShare[row] = share;
    const before = above?.share ?? 1;
    visit(left, new Map(seen).set(feature, { node: row, side: 0, share: before * share }));
    visit(left + 1, new Map(seen).set(feature, { node: row, side: 1, share: before * (1 - share) }));
  };
  visit(0, new Map());
  return nextLeaf;
}

function addRepeat(
  builder: Builder,
  quadrature: Quadrature,
  above: { readonly node: number; readonly side: 0 | 1; readonly share: number },
): number {
  builder.ancestor.push(above.node);
  builder.ancestorSide.push(above.side);
  const constants = repeatConstants(quadrature, above.share);
  const points = quadrature.points.length;
  builder.shrink.push(...constants.slice(0, points));
  builder.weight.push(...constants.slice(points));
  return builder.ancestor.length - 1;
}

/** a at every point, then w at every point, for a feature whose splits above have this product of cover shares (1 = none). */
function repeatConstants(quadrature: Quadrature, share: number): number[] {
  const factors = Array.from(quadrature.points, (t) => share * (1 - t) + t);
  return [
    ...factors.map((factor, q) => (share * (1 - quadrature.points[q]!)) / factor),
    ...factors.map((factor, q) => (quadrature.weights[q]! * share) / (factor * factor)),
  ];
}

/** Share of the cover that went left; an empty node (no training weight) counts both sides alike. */
export function leftShareOf(tree: Tree, node: number): number {
  const left = tree.cover[tree.left[node]!]!;
  const both = left + tree.cover[tree.left[node]! + 1]!;
  return both > 0 ? left / both : 0.5;
}

function expectedValue(tree: Tree): number {
  const values = tree.split.slice();
  for (let node = tree.nodeCount - 1; node >= 0; node--) {
    const left = tree.left[node]!;
    if (left < 0) continue;
    const share = leftShareOf(tree, node);
    values[node] = share * values[left]! + (1 - share) * values[left + 1]!;
  }
  return values[0]!;
}

function mostFeaturesOnPath(model: TreeModel): number {
  let most = 0;
  for (const tree of model.trees) {
    const visit = (node: number, seen: ReadonlySet<number>): void => {
      most = Math.max(most, seen.size);
      const left = tree.left[node]!;
      if (left < 0) return;
      const below = new Set(seen).add(tree.feature[node]!);
      visit(left, below);
      visit(left + 1, below);
    };
    visit(0, new Set());
  }
  return most;
}

/** Gauss-Legendre points and weights on [0, 1], by Newton iteration on the Legendre polynomial. */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 100; iteration++) {
      const legendre = legendreAt(count, x);
      slope = legendre.slope;
      const step = legendre.value / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    points[i] = (1 - x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

function legendreAt(degree: number, x: number): { value: number; slope: number } {
  let before = 1;
  let value = x;
  for (let k = 2; k <= degree; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  if (degree === 0) return { value: 1, slope: 0 };
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}
