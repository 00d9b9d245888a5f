import type { RowRanks } from './row-ranks.ts';
import type { Tree, TreeModel } from './tree-model.ts';

/** Sums the trees for a row given as slots (see row-ranks.ts), in float32 and in tree order, as libxgboost does. */
export type MarginKernel = (slots: Int32Array) => number;

/** Trees up to this depth are padded to full binary trees: no child pointers, no leaf test, four trees walked at once. */
const MAX_FULL_DEPTH = 8;
/** Padding a ragged tree multiplies its nodes; above this factor the pointer layout is smaller and quicker. */
const MAX_PADDING = 8;

export function compileMargin(model: TreeModel, ranks: RowRanks): MarginKernel {
  const depth = model.trees.reduce((deepest, tree) => Math.max(deepest, tree.depth), 0);
  const nodes = model.trees.reduce((sum, tree) => sum + tree.nodeCount, 0);
  const isFull = depth <= MAX_FULL_DEPTH && model.trees.length * 2 ** (depth + 1) <= nodes * MAX_PADDING;
  return isFull ? fullTrees(model, ranks, depth) : pointerTrees(model, ranks);
}

/**
 * Layout: heap order from index 1, two integers a node (slot, rank); a padded node always goes left.
 * `(rank - slots[slot]) >>> 31` is 1 exactly when the row goes right: both are small and the difference cannot overflow.
 */
function fullTrees(model: TreeModel, ranks: RowRanks, depth: number): MarginKernel {
  const treeCount = model.trees.length;
  // A multiple of four trees, so that the walk needs no remainder loop; the padding trees are never summed.
  const padded = (treeCount + 3) & ~3;
  const width = 2 ** depth;
  const nodes = new Int32Array(padded * width * 2);
  const leaves = new Float64Array(padded * width);
  for (let i = 1; i < nodes.length; i += 2) nodes[i] = 0x3fffffff;
  model.trees.forEach((tree, t) => {
    fillHeap(
      tree,
      ranks,
      depth,
      nodes.subarray(t * width * 2, (t + 1) * width * 2),
      leaves.subarray(t * width, (t + 1) * width),
    );
  });
  const leafOf = new Int32Array(padded);
  const stride = width * 2;
  const base = model.baseMargin;

  return (slots) => {
    for (let t = 0, at = 0; t < padded; t += 4, at += 4 * stride) {
      const [b1, b2, b3] = [at + stride, at + 2 * stride, at + 3 * stride];
      let i0 = 1;
      let i1 = 1;
      let i2 = 1;
      let i3 = 1;
      for (let d = 0; d < depth; d++) {
        const n0 = at + (i0 << 1);
        const n1 = b1 + (i1 << 1);
        const n2 = b2 + (i2 << 1);
        const n3 = b3 + (i3 << 1);
        i0 = (i0 << 1) | ((nodes[n0 + 1]! - slots[nodes[n0]!]!) >>> 31);
        i1 = (i1 << 1) | ((nodes[n1 + 1]! - slots[nodes[n1]!]!) >>> 31);
        i2 = (i2 << 1) | ((nodes[n2 + 1]! - slots[nodes[n2]!]!) >>> 31);
        i3 = (i3 << 1) | ((nodes[n3 + 1]! - slots[nodes[n3]!]!) >>> 31);
      }
      const leaf = t * width - width;
      leafOf[t] = leaf + i0;
      leafOf[t + 1] = leaf + width + i1;
      leafOf[t + 2] = leaf + 2 * width + i2;
      leafOf[t + 3] = leaf + 3 * width + i3;
    }
    let sum = base;
    for (let t = 0; t < treeCount; t++) sum = Math.fround(sum + leaves[leafOf[t]!]!);
    return sum;
  };
}

function fillHeap(tree: Tree, ranks: RowRanks, depth: number, nodes: Int32Array, leaves: Float64Array): void {
  const place = (node: number, heap: number, level: number): void => {
    const left = tree.left[node]!;
    if (left < 0) {
      // Padded nodes below go left all the way down.
      leaves[heap * 2 ** (depth - level) - 2 ** depth] = tree.split[node]!;
      return;
    }
    const { slot, rank } = locateSplit(tree, node, ranks);
    nodes[heap * 2] = slot;
    nodes[heap * 2 + 1] = rank;
    place(left, heap * 2, level + 1);
    place(left + 1, heap * 2 + 1, level + 1);
  };
  place(0, 1, 0);
}

/** Slot and rank of a node's split; see row-ranks.ts. */
export function locateSplit(tree: Tree, node: number, ranks: RowRanks): { slot: number; rank: number } {
  return ranks.locate(tree.feature[node]!, tree.split[node]!, tree.defaultLeft[node] === 1, tree.categories[node]);
}

/** Layout for deep trees: three integers a node (slot, rank, offset of the left child, the right one follows); a leaf has -1 - leaf index. */
function pointerTrees(model: TreeModel, ranks: RowRanks): MarginKernel {
  const nodeCount = model.trees.reduce((sum, tree) => sum + tree.nodeCount, 0);
  const nodes = new Int32Array(nodeCount * 3);
  const leaves = new Float64Array((nodeCount + model.trees.length) / 2);
  const roots = new Int32Array(model.trees.length);
  let offset = 0;
  let leafCount = 0;
  model.trees.forEach((tree, t) => {
    roots[t] = offset * 3;
    for (let node = 0; node < tree.nodeCount; node++) {
      const at = (offset + node) * 3;
      const left = tree.left[node]!;
      if (left < 0) {
        nodes[at + 2] = -1 - leafCount;
        leaves[leafCount++] = tree.split[node]!;
        continue;
      }
      const { slot, rank } = locateSplit(tree, node, ranks);
      nodes[at] = slot;
      nodes[at + 1] = rank;
      nodes[at + 2] = (offset + left) * 3;
    }
    offset += tree.nodeCount;
  });
  const base = model.baseMargin;
  return (slots) => {
    let sum = base;
    for (let t = 0; t < roots.length; t++) {
      let at = roots[t]!;
      let next = nodes[at + 2]!;
      while (next >= 0) {
        at = next + 3 * ((nodes[at + 1]! - slots[nodes[at]!]!) >>> 31);
        next = nodes[at + 2]!;
      }
      sum = Math.fround(sum + leaves[-1 - next]!);
    }
    return sum;
  };
}
