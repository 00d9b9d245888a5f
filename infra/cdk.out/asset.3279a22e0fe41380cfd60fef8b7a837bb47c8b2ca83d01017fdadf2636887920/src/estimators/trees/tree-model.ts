import { AssayError, type InputColumn } from '../../domain/index.ts';

/** One tree, nodes in breadth-first order from the root (node 0); unreachable nodes of the file are left out. */
export type Tree = {
  readonly nodeCount: number;
  /** Depth of the deepest leaf; a single leaf has depth 0. */
  readonly depth: number;
  /** Child indices; -1 at leaves. Children of one node are neighbours: right = left + 1. */
  readonly left: Int32Array;
  readonly feature: Int32Array;
  /** Split value (x < split goes left); at leaves the leaf value. Float32 values. */
  readonly split: Float64Array;
  readonly defaultLeft: Uint8Array;
  /** Sum of hessians of the training rows that reached the node. */
  readonly cover: Float64Array;
  /** Categories that go right, for categorical splits; undefined for numeric ones. */
  readonly categories: readonly (Uint8Array | undefined)[];
};

export type TreeModel = {
  /** Margin before the first tree, float32. */
  readonly baseMargin: number;
  readonly featureCount: number;
  readonly trees: readonly Tree[];
};

/** Limits of a model that is accepted for scoring. */
const MAX_TREES = 100_000;
const MAX_NODES = 50_000_000;
const MAX_CATEGORY = 1 << 20;

/**
 * Reads XGBoost's own JSON model (gbtree, binary logistic or any single-margin objective with a logistic link).
 * Format: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
 * @throws AssayError bad_input for anything malformed: cycles, indices out of range, non-finite numbers, unknown boosters.
 */
export function readTreeModel(modelJson: string, inputs: readonly InputColumn[]): TreeModel {
  const learner = objectAt(parse(modelJson), 'learner');
  const booster = objectAt(learner, 'gradient_booster');
  const shape = objectAt(learner, 'learner_model_param');
  if (booster['name'] !== 'gbtree') throw malformed('booster', String(booster['name']), 'gbtree');
  const objective = objectAt(learner, 'objective')['name'];
  if (objective !== 'binary:logistic' && objective !== 'reg:logistic' && objective !== 'binary:logitraw') {
    throw malformed('objective', String(objective), 'binary:logistic, reg:logistic, binary:logitraw');
  }
  checkFeatures(learner, shape, inputs);
  const trees = arrayAt(objectAt(booster, 'model'), 'trees');
  if (trees.length > MAX_TREES) throw malformed('number of trees', String(trees.length), `at most ${MAX_TREES}`);
  let nodes = 0;
  const read = trees.map((tree, index) => {
    const result = readTree(asObject(tree, `tree ${index}`), index, inputs);
    nodes += result.nodeCount;
    if (nodes > MAX_NODES) throw malformed('number of nodes', `more than ${MAX_NODES}`, `at most ${MAX_NODES}`);
    return result;
  });
  return { baseMargin: baseMargin(shape, objective), featureCount: inputs.length, trees: read };
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string): Json {
  try {
    return asObject(JSON.parse(text), 'model');
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError('bad_input', { what: 'the tree model is not JSON', given: String(cause) }, { cause });
  }
}

function malformed(what: string, given: string, allowed: string): AssayError {
  return new AssayError('bad_input', {
    what: `tree model: ${what}`,
    given: given.slice(0, 200),
    allowed,
    fix: 'export the model again with stock XGBoost (save_model to .json)',
  });
}

function asObject(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(what, typeof value, 'an object');
  return value as Json;
}

function objectAt(parent: Json, key: string): Json {
  return asObject(parent[key], key);
}

function arrayAt(parent: Json, key: string): readonly unknown[] {
  const value = parent[key];
  if (!Array.isArray(value)) throw malformed(key, typeof value, 'an array');
  return value;
}

function numbersAt(tree: Json, key: string, length: number | undefined, where: string): Float64Array {
  const values = arrayAt(tree, key);
  if (length !== undefined && values.length !== length) {
    throw malformed(`${key} of ${where}`, `${values.length} entries`, `${length} entries`);
  }
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    // Old files write booleans for default_left.
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(Math.fround(number))) {
      throw malformed(`${key}[${i}] of ${where}`, String(value), 'a finite 32-bit number');
    }
    out[i] = number;
  }
  return out;
}

function checkFeatures(learner: Json, shape: Json, inputs: readonly InputColumn[]): void {
  const count = Number(shape['num_feature']);
  if (count !== inputs.length)
    throw malformed('num_feature', String(shape['num_feature']), `${inputs.length}, as many as inputs`);
  const names = learner['feature_names'];
  if (!Array.isArray(names) || names.length === 0) return;
  const differing = inputs.findIndex((input, i) => names[i] !== input.name);
  if (differing >= 0 || names.length !== inputs.length) {
    throw malformed('feature_names', names.join(', '), inputs.map((input) => input.name).join(', '));
  }
}

/** libxgboost: -logf(1 / p - 1), each step rounded to float32; a logitraw base is a margin already. Newer files write "[5E-1]". */
function baseMargin(shape: Json, objective: string): number {
  const text = String(shape['base_score']).replace(/^\[(.*)\]$/, '$1');
  const base = Math.fround(text.trim() === '' ? Number.NaN : Number(text));
  if (objective === 'binary:logitraw' && Number.isFinite(base)) return base;
  if (!(base > 0 && base < 1)) throw malformed('base_score', text, 'one number above 0 and below 1');
  return logitFloat32(base);
}

/**
 * The margin libxgboost starts from: -logf(1 / p - 1) in float32.
 * Math.log rounded to float32 equals a C library's logf except within a hair of a rounding boundary; see `robustBaseScore`.
 */
export function logitFloat32(p: number): number {
  return Math.fround(-Math.log(Math.fround(Math.fround(1 / Math.fround(p)) - 1)));
}

/** Share of half a unit in the last place that any C library's logf may be off by, with room to spare. */
const LOGF_DOUBT = 0.2;

/**
 * The float32 nearest to p for which every C library's logf gives the same margin: C libraries differ in the last bit
 * when the true logarithm lies near the middle between two floats, so such a p is moved up (by less than 1e-4).
 * A model trained with this base score has the same margin, bit for bit, on every platform and in TypeScript.
 */
export function robustBaseScore(p: number): number {
  const bits = new Int32Array(1);
  const value = new Float32Array(bits.buffer);
  value[0] = Math.min(Math.max(p, 1e-6), 1 - 1e-6);
  while (isDoubtful(value[0]!)) bits[0] = bits[0]! + 1;
  return value[0]!;
}

function isDoubtful(p: number): boolean {
  const exact = -Math.log(Math.fround(Math.fround(1 / p) - 1));
  const rounded = Math.fround(exact);
  if (rounded === 0) return false;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(rounded))) - 23);
  return Math.abs(exact - rounded) / unit > 0.5 - LOGF_DOUBT;
}

function readTree(tree: Json, index: number, inputs: readonly InputColumn[]): Tree {
  const where = `tree ${index}`;
  const leftIn = numbersAt(tree, 'left_children', undefined, where);
  const count = leftIn.length;
  if (count === 0) throw malformed(where, 'no nodes', 'at least one node');
  const file: TreeFile = {
    left: leftIn,
    right: numbersAt(tree, 'right_children', count, where),
    feature: numbersAt(tree, 'split_indices', count, where),
    split: numbersAt(tree, 'split_conditions', count, where),
    defaultLeft: numbersAt(tree, 'default_left', count, where),
    cover: numbersAt(tree, 'sum_hessian', count, where),
    categories: readCategories(tree, count, where),
  };
  const { order, depth } = breadthFirst(file, where);
  return renumber(file, order, depth, inputs, where);
}

type TreeFile = {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly feature: Float64Array;
  readonly split: Float64Array;
  readonly defaultLeft: Float64Array;
  readonly cover: Float64Array;
  readonly categories: readonly (Uint8Array | undefined)[];
};

/** Order in which reachable nodes are kept: siblings next to each other. Refuses cycles, shared children, half leaves. */
function breadthFirst(file: TreeFile, where: string): { order: Int32Array; depth: number } {
  const count = file.left.length;
  const order = new Int32Array(count);
  const depthOf = new Int32Array(count);
  const seen = new Uint8Array(count);
  let end = 1;
  seen[0] = 1;
  for (let at = 0; at < end; at++) {
    const node = order[at]!;
    const [left, right] = [file.left[node]!, file.right[node]!];
    if (left === -1 && right === -1) continue;
    for (const child of [left, right]) {
      const isFree = Number.isInteger(child) && child > 0 && child < count && seen[child] === 0;
      if (!isFree)
        throw malformed(`child of node ${node} in ${where}`, String(child), `1 to ${count - 1}, each child once`);
      seen[child] = 1;
      depthOf[end] = depthOf[at]! + 1;
      order[end++] = child;
    }
  }
  return { order: order.subarray(0, end), depth: depthOf[end - 1]! };
}

function renumber(
  file: TreeFile,
  order: Int32Array,
  depth: number,
  inputs: readonly InputColumn[],
  where: string,
): Tree {
  const nodeCount = order.length;
  const left = new Int32Array(nodeCount).fill(-1);
  const feature = new Int32Array(nodeCount);
  const split = new Float64Array(nodeCount);
  const defaultLeft = new Uint8Array(nodeCount);
  const cover = new Float64Array(nodeCount);
  const categories: (Uint8Array | undefined)[] = new Array(nodeCount);
  let next = 1;
  for (let i = 0; i < nodeCount; i++) {
    const node = order[i]!;
    split[i] = Math.fround(file.split[node]!);
    cover[i] = Math.fround(file.cover[node]!);
    if (cover[i]! < 0) throw malformed(`sum_hessian of node ${node} in ${where}`, String(cover[i]), '0 or more');
    if (file.left[node] === -1) continue;
    left[i] = next;
    next += 2;
    const index = file.feature[node]!;
    const input = inputs[index];
    if (input === undefined)
      throw malformed(`feature of node ${node} in ${where}`, String(index), `0 to ${inputs.length - 1}`);
    categories[i] = file.categories[node];
    if ((categories[i] !== undefined) !== (input.kind === 'categorical')) {
      throw malformed(`split of node ${node} in ${where}`, `on "${input.name}"`, `a ${input.kind} split`);
    }
    feature[i] = index;
    defaultLeft[i] = file.defaultLeft[node] === 0 ? 0 : 1;
  }
  return { nodeCount, depth, left, feature, split, defaultLeft, cover, categories };
}

/** Per node the set of categories that go right, as one byte per category. */
function readCategories(tree: Json, count: number, where: string): (Uint8Array | undefined)[] {
  const out: (Uint8Array | undefined)[] = new Array(count);
  if (tree['categories_nodes'] === undefined) return out;
  const nodes = numbersAt(tree, 'categories_nodes', undefined, where);
  const segments = numbersAt(tree, 'categories_segments', nodes.length, where);
  const sizes = numbersAt(tree, 'categories_sizes', nodes.length, where);
  const values = numbersAt(tree, 'categories', undefined, where);
  const splitType = numbersAt(tree, 'split_type', count, where);
  for (let i = 0; i < nodes.length; i++) {
    const [node, begin, size] = [nodes[i]!, segments[i]!, sizes[i]!];
    if (!(Number.isInteger(node) && node >= 0 && node < count && splitType[node] === 1)) {
      throw malformed(`categories_nodes[${i}] of ${where}`, String(node), 'a node with a categorical split');
    }
    if (
      !(Number.isInteger(begin) && Number.isInteger(size) && begin >= 0 && size > 0 && begin + size <= values.length)
    ) {
      throw malformed(`categories of node ${node} in ${where}`, `${begin} + ${size}`, `within ${values.length}`);
    }
    out[node] = categorySet(values.subarray(begin, begin + size), `node ${node} in ${where}`);
  }
  return out;
}

function categorySet(values: Float64Array, where: string): Uint8Array {
  let largest = 0;
  for (const value of values) {
    if (!(Number.isInteger(value) && value >= 0 && value < MAX_CATEGORY)) {
      throw malformed(`category of ${where}`, String(value), `a whole number below ${MAX_CATEGORY}`);
    }
    largest = Math.max(largest, value);
  }
  const set = new Uint8Array(largest + 1);
  for (const value of values) set[value] = 1;
  return set;
}
