/**
 * The claim under test: `compileTrees` scores as libxgboost does, bit for bit, and attributes as the definition of Shapley
 * values says. Models are trained here by the real library; the definition is evaluated by brute force over all subsets.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AssayError, type InputColumn } from '../../domain/index.ts';
import {
  type BoosterMatrix,
  findXgboost,
  loadConfig,
  openXgboostEngine,
  type XgboostEngine,
} from '../../platform/index.ts';
import type { FittedTrees } from '../contract.ts';
import { compileAttribution, compileGeneralAttribution, gaussLegendre } from './attribution.ts';
import { compileTrees } from './compile-trees.ts';
import { planRowRanks } from './row-ranks.ts';
import { mulberry32 } from './stratified-folds.ts';
import { logitFloat32, readTreeModel, robustBaseScore, type TreeModel } from './tree-model.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;

const LEVELS = [0, 0, 0, 12, 3, 0];
const INPUTS: InputColumn[] = LEVELS.map((count, i) =>
  count === 0
    ? { kind: 'numeric', name: `x${i}` }
    : { kind: 'categorical', name: `x${i}`, levels: Array.from({ length: count }, (_, k) => `level ${k}`) },
);
const SCALES = [1, 1e6, 1e-3, 0, 0, 1];

/** Rows of three smooth columns on different scales, two categorical ones, one column of small whole numbers; a tenth missing. */
function randomMatrix(rowCount: number, seed: number): BoosterMatrix & { readonly labels: Float32Array } {
  const random = mulberry32(seed);
  const columnCount = LEVELS.length;
  const values = new Float32Array(rowCount * columnCount);
  const labels = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let z = -1;
    for (let c = 0; c < columnCount; c++) {
      const bell = random() + random() + random() - 1.5;
      const x = LEVELS[c]! > 0 ? Math.floor(random() * LEVELS[c]!) : c === 5 ? Math.round(bell * 3) : bell * SCALES[c]!;
      z += LEVELS[c]! > 0 ? ((x * 7) % 3) * 0.4 : Math.tanh(bell) * (c + 1) * 0.3;
      values[row * columnCount + c] = random() < 0.1 ? Number.NaN : x;
    }
    labels[row] = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  }
  const featureTypes = LEVELS.map((count) => (count > 0 ? ('c' as const) : ('q' as const)));
  return { values, rowCount, columnCount, featureNames: INPUTS.map((input) => input.name), featureTypes, labels };
}

/** Where float32 comparisons go wrong first: zeros, denormals, the largest numbers, split values and their neighbours. */
function withEdges(matrix: BoosterMatrix, model: TreeModel, seed: number): BoosterMatrix {
  const random = mulberry32(seed);
  const edges = [
    0, -0, 1e-45, -1e-45, 1e-40, 1.1754943508222875e-38, 3.4028234663852886e38, -3.4028234663852886e38, 16777216,
  ];
  const splits = model.trees.flatMap((tree) =>
    Array.from(tree.split).filter((_, node) => tree.left[node]! >= 0 && !tree.categories[node]),
  );
  const values = matrix.values.map((value, i) => {
    if (LEVELS[i % LEVELS.length]! > 0 || random() < 0.5) return value;
    if (random() < 0.3) return edges[Math.floor(random() * edges.length)]!;
    return neighbour(splits[Math.floor(random() * splits.length)]!, Math.floor(random() * 3) - 1);
  });
  return { ...matrix, values };
}

function neighbour(value: number, steps: number): number {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  float[0] = value;
  bits[0] = bits[0]! + steps;
  return Number.isFinite(float[0]) ? float[0]! : value;
}

const SHAPES: Readonly<Record<string, { parameters: Record<string, string>; rounds: number }>> = {
  'deep boosting': { parameters: { max_depth: '6', eta: '0.1', max_cat_to_onehot: '1' }, rounds: 60 },
  'shallow boosting, one level against the rest': {
    parameters: { max_depth: '3', eta: '0.3', max_cat_to_onehot: '20' },
    rounds: 30,
  },
  stumps: { parameters: { max_depth: '1', eta: '0.3' }, rounds: 7 },
  'a forest': {
    parameters: {
      max_depth: '14',
      num_parallel_tree: '20',
      subsample: '0.6',
      colsample_bynode: '0.5',
      eta: '1',
      lambda: '0.001',
    },
    rounds: 1,
  },
  'boosted bags': {
    parameters: { max_depth: '8', num_parallel_tree: '3', subsample: '0.5', min_child_weight: '5' },
    rounds: 10,
  },
  'nothing learnt': { parameters: { max_depth: '3', gamma: '1e9' }, rounds: 3 },
};

describe('compileTrees beside libxgboost', { skip }, () => {
  let engine: XgboostEngine;
  let scratch = '';
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'assay-trees-'));
    engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
  });
  after(async () => {
    await engine?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  const fit = async (parameters: Record<string, string>, rounds: number, base: number): Promise<FittedTrees> => {
    const { modelJson } = await engine.train({
      train: randomMatrix(1500, 1),
      parameters: {
        objective: 'binary:logistic',
        tree_method: 'hist',
        nthread: '1',
        seed: '3',
        base_score: String(base),
        ...parameters,
      },
      rounds,
    });
    return { kind: 'trees', estimator: 'boosted', inputs: INPUTS, modelJson, rounds };
  };

  for (const [name, { parameters, rounds }] of Object.entries(SHAPES)) {
    it(`${name}: margins bit-equal, attributions equal to float32 accuracy`, async () => {
      const fitted = await fit(parameters, rounds, robustBaseScore(0.137));
      const model = readTreeModel(fitted.modelJson, INPUTS);
      const matrix = withEdges(randomMatrix(1500, 2), model, 5);
      const compiled = compileTrees(fitted);
      const margins = await engine.margins(fitted.modelJson, matrix);
      const contributions = await engine.contributions(fitted.modelJson, matrix);
      const out = new Float64Array(INPUTS.length);
      let mismatches = 0;
      let worst = 0;
      for (let i = 0; i < matrix.rowCount; i++) {
        const row = rowOf(matrix, i);
        if (!Object.is(compiled.margin(row), margins[i]!)) mismatches++;
        const bias = compiled.attribute(row, out);
        const expected = contributions.subarray(i * (INPUTS.length + 1), (i + 1) * (INPUTS.length + 1));
        for (let c = 0; c < out.length; c++) worst = Math.max(worst, Math.abs(out[c]! - expected[c]!));
        worst = Math.max(worst, Math.abs(bias - expected[INPUTS.length]!));
        assert.ok(Math.abs(out.reduce((a, b) => a + b, bias) - margins[i]!) < 1e-5);
      }
      assert.equal(mismatches, 0);
      assert.ok(worst < 5e-6, `worst difference of an attribution: ${worst}`);
    });
  }

  it('compares as float32: a float64 just below a split falls where its float32 falls', async () => {
    const fitted = await fit({ max_depth: '2' }, 1, 0.5);
    const tree = readTreeModel(fitted.modelJson, INPUTS).trees[0]!;
    const node = Array.from(tree.left).findIndex((left, i) => left > 0 && !tree.categories[i]);
    const compiled = compileTrees(fitted);
    const row = new Float64Array(INPUTS.length).fill(Number.NaN);
    row[tree.feature[node]!] = tree.split[node]!;
    const atSplit = compiled.margin(row);
    row[tree.feature[node]!] = tree.split[node]! * (1 - 1e-12);
    assert.equal(compiled.margin(row), atSplit);
  });

  it('starts from the margin the library starts from, for any base score of ours', async () => {
    const random = mulberry32(9);
    for (let i = 0; i < 20; i++) {
      const fitted = await fit(
        { max_depth: '1', gamma: '1e9', eta: '1', lambda: '1e30' },
        1,
        robustBaseScore(random() ** 3),
      );
      const [margin] = await engine.margins(fitted.modelJson, randomMatrix(1, 1));
      assert.ok(Object.is(compileTrees(fitted).margin(rowOf(randomMatrix(1, 1), 0)), margin));
    }
  });

  it('refuses a malformed model', async () => {
    const fitted = await fit({ max_depth: '3' }, 2, 0.4);
    const refuse = (
      change: (tree: Record<string, unknown[]>, learner: ReturnType<typeof learnerOf>) => void,
      pattern: RegExp,
    ) => {
      const json: { learner: ReturnType<typeof learnerOf> } = JSON.parse(fitted.modelJson);
      change(json.learner.gradient_booster.model.trees[1]!, json.learner);
      const compile = () => compileTrees({ ...fitted, modelJson: JSON.stringify(json) });
      assert.throws(
        compile,
        (error) => error instanceof AssayError && error.code === 'bad_input' && pattern.test(error.message),
      );
    };
    refuse((tree) => {
      tree['left_children']![1] = 0;
    }, /child of node 1/);
    refuse((tree) => {
      tree['left_children']![1] = tree['left_children']![0];
    }, /each child once/);
    refuse((tree) => {
      tree['right_children']![0] = 999;
    }, /child of node 0/);
    refuse((tree) => {
      tree['right_children']![0] = -1;
    }, /child of node 0/);
    refuse((tree) => {
      tree['split_indices']![0] = 6;
    }, /feature of node 0/);
    refuse((tree) => {
      tree['split_conditions']![0] = null;
    }, /split_conditions\[0\]/);
    refuse((tree) => {
      tree['split_conditions']![0] = 1e39;
    }, /finite/);
    refuse((tree) => {
      tree['sum_hessian']!.pop();
    }, /sum_hessian/);
    refuse((_, learner) => {
      learner.gradient_booster.name = 'dart';
    }, /booster/);
    refuse((_, learner) => {
      learner.objective.name = 'multi:softprob';
    }, /objective/);
    refuse((_, learner) => {
      learner.learner_model_param.base_score = '1E0';
    }, /base_score/);
    refuse((_, learner) => {
      learner.feature_names[0] = 'other';
    }, /feature_names/);
    assert.throws(() => compileTrees({ ...fitted, modelJson: '{"learner": ' }), /not JSON/);
    assert.throws(() => compileTrees({ ...fitted, inputs: INPUTS.slice(1) }), /num_feature/);
  });

  it('attributes as the definition says, in both kernels, repeated features included', async () => {
    const fitted = await fit({ max_depth: '5', eta: '0.5', min_child_weight: '0.1' }, 4, 0.3);
    const model = readTreeModel(fitted.modelJson, INPUTS);
    assert.ok(model.trees.some(repeatsAFeature), 'the case needs a path that splits twice on one feature');
    const compiled = compileTrees(fitted);
    const ranks = planRowRanks(model);
    const general = compileGeneralAttribution(model, ranks, 3);
    const slots = new Int32Array(ranks.slotCount);
    const matrix = randomMatrix(40, 4);
    const [fast, slow] = [new Float64Array(6), new Float64Array(6)];
    for (let i = 0; i < matrix.rowCount; i++) {
      const row = rowOf(matrix, i);
      const exact = shapleyByDefinition(model, row);
      const bias = compiled.attribute(row, fast);
      ranks.fill(row, slots);
      general(slots, slow);
      assert.ok(Math.abs(bias - exact.bias) < 1e-12);
      exact.values.forEach((value, c) => {
        assert.ok(Math.abs(fast[c]! - value) < 1e-12, `vector kernel, row ${i}, column ${c}: ${fast[c]} for ${value}`);
        assert.ok(Math.abs(slow[c]! - value) < 1e-12, `general kernel, row ${i}, column ${c}: ${slow[c]} for ${value}`);
      });
    }
  });

  it('attributes alike in both kernels at every depth of the vector kernel, an odd number of trees, to the same bits each time', async () => {
    for (const depth of [1, 2, 4, 7]) {
      const fitted = await fit({ max_depth: String(depth), eta: '0.4', min_child_weight: '0.1' }, 7, 0.3);
      const model = readTreeModel(fitted.modelJson, INPUTS);
      const ranks = planRowRanks(model);
      const general = compileGeneralAttribution(model, ranks, 3);
      const [first, second] = [compileAttribution(model, ranks), compileAttribution(model, ranks)];
      const slots = new Int32Array(ranks.slotCount);
      const [a, b, slow] = [new Float64Array(6), new Float64Array(6), new Float64Array(6)];
      const matrix = randomMatrix(60, 4);
      for (let i = 0; i < matrix.rowCount; i++) {
        ranks.fill(rowOf(matrix, i), slots);
        assert.ok(Math.abs(first(slots, a) - general(slots, slow)) < 1e-12);
        second(slots, b);
        assert.deepEqual(a, b);
        a.forEach((value, c) => {
          assert.ok(Math.abs(value - slow[c]!) < 1e-12, `depth ${depth}, row ${i}, column ${c}: ${value}, ${slow[c]}`);
        });
      }
    }
  });
});

describe('gaussLegendre', () => {
  it('integrates polynomials of degree 2n - 1 exactly', () => {
    for (let count = 1; count <= 12; count++) {
      const { points, weights } = gaussLegendre(count);
      for (let degree = 0; degree < 2 * count; degree++) {
        const integral = points.reduce((sum, point, i) => sum + weights[i]! * point ** degree, 0);
        assert.ok(Math.abs(integral - 1 / (degree + 1)) < 1e-13, `${count} points, degree ${degree}: ${integral}`);
      }
    }
  });
});

describe('robustBaseScore', () => {
  it('is the float32 of p or a close neighbour, with a margin that stays put', () => {
    for (let i = 1; i < 2000; i++) {
      const p = i / 2000;
      const base = robustBaseScore(p);
      assert.equal(base, Math.fround(base));
      assert.ok(Math.abs(base - p) < 1e-4);
      assert.ok(Math.abs(logitFloat32(base) - Math.log(p / (1 - p))) < 2e-4 * Math.max(1, 1 / (1 - p)));
    }
  });
});

function learnerOf() {
  return {
    gradient_booster: { name: '', model: { trees: [] as Record<string, unknown[]>[] } },
    objective: { name: '' },
    learner_model_param: { base_score: '' },
    feature_names: [''],
  };
}

function rowOf(matrix: BoosterMatrix, row: number): Float64Array {
  return Float64Array.from(matrix.values.subarray(row * matrix.columnCount, (row + 1) * matrix.columnCount));
}

function repeatsAFeature(tree: TreeModel['trees'][number]): boolean {
  const visit = (node: number, seen: readonly number[]): boolean => {
    const left = tree.left[node]!;
    if (left < 0) return false;
    const feature = tree.feature[node]!;
    return seen.includes(feature) || visit(left, [...seen, feature]) || visit(left + 1, [...seen, feature]);
  };
  return visit(0, []);
}

/** Shapley values over all 2^6 subsets; a feature outside the subset is averaged out by cover (path-dependent expectation). */
function shapleyByDefinition(model: TreeModel, row: Float64Array): { bias: number; values: number[] } {
  const count = row.length;
  const worth = Array.from({ length: 2 ** count }, (_, known) =>
    model.trees.reduce((sum, tree) => sum + expectation(tree, 0, row, known), model.baseMargin),
  );
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const values = Array.from({ length: count }, (_, i) => {
    let value = 0;
    for (let known = 0; known < worth.length; known++) {
      if (known & (1 << i)) continue;
      const size = known.toString(2).replaceAll('0', '').length;
      const weight = (factorial(size) * factorial(count - size - 1)) / factorial(count);
      value += weight * (worth[known | (1 << i)]! - worth[known]!);
    }
    return value;
  });
  return { bias: worth[0]!, values };
}

function expectation(tree: TreeModel['trees'][number], node: number, row: Float64Array, known: number): number {
  const left = tree.left[node]!;
  if (left < 0) return tree.split[node]!;
  const feature = tree.feature[node]!;
  if (known & (1 << feature))
    return expectation(tree, goesLeft(tree, node, row[feature]!) ? left : left + 1, row, known);
  const [coverLeft, coverRight] = [tree.cover[left]!, tree.cover[left + 1]!];
  const sum = coverLeft * expectation(tree, left, row, known) + coverRight * expectation(tree, left + 1, row, known);
  return sum / (coverLeft + coverRight);
}

function goesLeft(tree: TreeModel['trees'][number], node: number, x: number): boolean {
  if (Number.isNaN(x)) return tree.defaultLeft[node] === 1;
  const set = tree.categories[node];
  return set ? set[x] !== 1 : Math.fround(x) < tree.split[node]!;
}
