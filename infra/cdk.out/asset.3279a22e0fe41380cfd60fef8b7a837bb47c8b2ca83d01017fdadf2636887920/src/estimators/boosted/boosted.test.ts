import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AssayError, type Frame } from '../../domain/index.ts';
import { findXgboost, loadConfig, openXgboostEngine, type XgboostEngine } from '../../platform/index.ts';
import type { FitContext, FitProgress, FittedEstimator, FittedTrees, TrainingSet } from '../contract.ts';
import { createForest } from '../forest/index.ts';
import { compileTrees } from '../trees/index.ts';
import { mulberry32, stratifiedFolds } from '../trees/stratified-folds.ts';
import { createBoosted } from './boosted.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;

const CONTEXT: FitContext = { seed: 5, nthread: 1 };

/** pd rises with `debt`, falls with `income` (one value infinite), depends on `purpose`; `noise` tells nothing. */
function loans(rowCount: number, seed: number): TrainingSet {
  const random = mulberry32(seed);
  const draw = () => Float64Array.from({ length: rowCount }, () => random() + random() - 1);
  const [debt, income, noise] = [draw(), draw(), draw()];
  const codes = Int32Array.from({ length: rowCount }, () => Math.floor(random() * 6) - 1);
  const target = Uint8Array.from(debt, (value, i) => {
    const z = -1 + 2 * value - 2 * income[i]! + (codes[i] === 2 ? 1.5 : 0);
    return random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  });
  for (let i = 0; i < rowCount; i += 17) debt[i] = Number.NaN;
  income[0] = Number.POSITIVE_INFINITY;
  const frame: Frame = {
    rowCount,
    columns: [
      { kind: 'numeric', name: 'debt', values: debt },
      { kind: 'numeric', name: 'income', values: income },
      { kind: 'numeric', name: 'noise', values: noise },
      { kind: 'categorical', name: 'purpose', codes, levels: ['car', 'house', 'risky', 'travel', 'other'] },
    ],
  };
  return { frame, target };
}

function trees(fitted: FittedEstimator): FittedTrees {
  assert.equal(fitted.kind, 'trees');
  if (fitted.kind !== 'trees') throw new Error('unreachable');
  return fitted;
}

function marginsOf(fitted: FittedTrees, set: TrainingSet): Float64Array {
  const compiled = compileTrees(fitted);
  const row = new Float64Array(set.frame.columns.length);
  return Float64Array.from({ length: set.frame.rowCount }, (_, i) => {
    set.frame.columns.forEach((column, c) => {
      row[c] = column.kind === 'numeric' ? column.values[i]! : column.codes[i]! < 0 ? Number.NaN : column.codes[i]!;
    });
    return compiled.margin(row);
  });
}

/** Share of (defaulted, not defaulted) pairs in the right order. */
function auc(margins: Float64Array, target: Uint8Array): number {
  let right = 0;
  let pairs = 0;
  for (let i = 0; i < target.length; i++) {
    for (let j = 0; j < target.length; j++) {
      if (target[i] !== 1 || target[j] !== 0) continue;
      pairs++;
      right += margins[i]! > margins[j]! ? 1 : margins[i]! === margins[j]! ? 0.5 : 0;
    }
  }
  return right / pairs;
}

type Fit = (engine: XgboostEngine, train: TrainingSet, context: FitContext) => Promise<FittedEstimator>;

/** The defaults, but for sizes that keep the tests quick. */
const ESTIMATORS: Readonly<Record<string, Fit>> = {
  boosted: (engine, train, context) =>
    createBoosted(engine).fit(train, { parameters: { eta: 0.15, parallelTrees: 1, earlyStoppingRounds: 10 }, context }),
  forest: (engine, train, context) => createForest(engine).fit(train, { parameters: { trees: 60 }, context }),
};

for (const [name, fit] of Object.entries(ESTIMATORS)) {
  describe(`the ${name} estimator`, { skip }, () => {
    let scratch = '';
    let engine: XgboostEngine;
    before(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'assay-fit-'));
      engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
    });
    after(async () => {
      await engine?.close();
      await rm(scratch, { recursive: true, force: true });
    });

    it('ranks rows it has not seen, and gives the same model twice', async () => {
      const train = loans(800, 1);
      const test = loans(600, 2);
      const fitted = trees(await fit(engine, train, CONTEXT));
      assert.equal(fitted.estimator, name);
      const reached = auc(marginsOf(fitted, test), test.target);
      assert.ok(reached > 0.72, `AUC ${reached}`);
      assert.equal(trees(await fit(engine, train, CONTEXT)).modelJson, fitted.modelJson);
      const other = trees(await fit(engine, train, { ...CONTEXT, seed: 6 }));
      assert.notEqual(other.modelJson, fitted.modelJson);
    });

    it('keeps a known direction', async () => {
      const train = loans(800, 3);
      const monotone = { debt: 'increasing', noise: 'decreasing', purpose: 'increasing' } as const;
      const fitted = trees(await fit(engine, train, { ...CONTEXT, monotone }));
      const compiled = compileTrees(fitted);
      for (let i = 0; i < 20; i++) {
        const at = (debt: number, noise: number) => compiled.margin(Float64Array.of(debt, i / 10 - 1, noise, i % 5));
        for (let x = -1; x < 1; x += 0.05) {
          assert.ok(at(x + 0.05, 0) >= at(x, 0) - 1e-6);
          assert.ok(at(0, x + 0.05) <= at(0, x) + 1e-6);
        }
      }
    });

    it('heeds weights', async () => {
      const train = loans(300, 4);
      const weights = Float64Array.from(train.target, (label) => (label === 1 ? 3 : 1));
      const others = loans(300, 14);
      const plain = marginsOf(trees(await fit(engine, train, CONTEXT)), others);
      const weighted = marginsOf(trees(await fit(engine, { ...train, weights }, CONTEXT)), others);
      const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
      assert.ok(mean(weighted) > mean(plain) + 0.1, `${mean(plain)} to ${mean(weighted)}`);
    });

    it('refuses one class only, and no columns', async () => {
      const train = loans(50, 5);
      await assert.rejects(fit(engine, { ...train, target: new Uint8Array(50) }, CONTEXT), /cannot be learnt/);
      await assert.rejects(fit(engine, { ...train, frame: { rowCount: 50, columns: [] } }, CONTEXT), /no column/);
    });

    it('is cancelled by its signal', async () => {
      const cancelled = fit(engine, loans(200, 6), { ...CONTEXT, signal: AbortSignal.abort() });
      await assert.rejects(cancelled, (error) => error instanceof AssayError && error.code === 'cancelled');
    });

    it('reports progress that never goes back', async () => {
      const seen: FitProgress[] = [];
      await fit(engine, loans(2000, 7), { ...CONTEXT, onProgress: (progress) => seen.push(progress) });
      assert.ok(seen.length > 0);
      const shares = seen.map((progress) => progress.done / progress.total);
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => a - b),
      );
    });
  });
}

describe('the boosted estimator with a validation set', { skip }, () => {
  it('stops where the validation loss is least', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'assay-fit-'));
    const engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
    try {
      const parameters = { eta: 0.5, maxRounds: 200 };
      const fitted = trees(
        await createBoosted(engine).fit(loans(400, 8), { parameters, validation: loans(300, 9), context: CONTEXT }),
      );
      assert.ok(fitted.rounds < 40, `${fitted.rounds} rounds`);
      const unsettled = Object.entries(fitted.settled ?? {}).filter(([, value]) => !Number.isFinite(value));
      assert.deepEqual(unsettled, [], 'every parameter that was left to the data has a value');
      assert.equal(fitted.settled?.['rounds'], fitted.rounds);
    } finally {
      await engine.close();
      await rm(scratch, { recursive: true, force: true });
    }
  });
});

describe('stratifiedFolds', () => {
  it('spreads both classes evenly, by the seed', () => {
    const target = Uint8Array.from({ length: 103 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const folds = stratifiedFolds(target, 5, 1);
    for (const label of [0, 1]) {
      const counts = [0, 1, 2, 3, 4].map((fold) => folds.filter((f, i) => f === fold && target[i] === label).length);
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
    }
    assert.deepEqual(stratifiedFolds(target, 5, 1), folds);
    assert.notDeepEqual(stratifiedFolds(target, 5, 2), folds);
  });
});
