import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AssayError, type Calibration, type FeatureDefinition, type ModelManifest } from '../domain/index.ts';
import { compileEstimator, logistic, scorecard } from '../estimators/index.ts';
import { openLocalLake, openWarehouse } from '../platform/index.ts';
import { attributionImportance } from './importance.ts';
import {
  type AnyEstimator,
  auc,
  checkMonotonicity,
  comparableOf,
  compareEstimators,
  compareStored,
  modelDocument,
  OUT_OF_FOLD_KEY,
  storePredictions,
  type TrainingRequest,
  type TrainingSnapshot,
  trainEstimator,
  trainingKey,
} from './index.ts';
import { seededRandom } from './random.ts';

const ROWS = 1500;

/** Three drivers of known direction, one column of noise, a category with a rare level; the last fifth is the test split. */
function snapshotOf(seed: number): TrainingSnapshot {
  const random = seededRandom(seed);
  const draw = () => Float64Array.from({ length: ROWS }, () => random() + random() - 1);
  const [income, burden, noise] = [draw(), draw(), draw()];
  const codes = Int32Array.from({ length: ROWS }, (_, i) => (i < 3 ? 2 : random() < 0.5 ? 0 : 1));
  const target = Uint8Array.from({ length: ROWS }, (_, i) => {
    const margin = -1 - 2.5 * income[i]! + 2 * burden[i]! + (codes[i] === 1 ? 0.8 : 0);
    return random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  });
  income[5] = Number.NaN;
  return {
    frame: {
      rowCount: ROWS,
      columns: [
        { kind: 'numeric', name: 'income', values: income },
        { kind: 'numeric', name: 'burden', values: burden },
        { kind: 'numeric', name: 'noise', values: noise },
        { kind: 'categorical', name: 'housing', levels: ['own', 'rent', 'tent'], codes },
      ],
    },
    target,
    fold: Int32Array.from({ length: ROWS }, (_, i) => i % 5),
    isTest: Uint8Array.from({ length: ROWS }, (_, i) => (i >= 1200 ? 1 : 0)),
    applicationIds: Array.from({ length: ROWS }, (_, i) => `A${i}`),
    asOf: Array.from({ length: ROWS }, (_, i) => new Date(Date.UTC(2017, 0, 1 + i)).toISOString().slice(0, -1)),
    manifest: { snapshotHash: `hash-${seed}`, catalogHash: 'catalog', unlabelledRows: 7 },
  };
}

/** Outcomes of the training rows from `row` on by chance alone; a model of the earlier ones is overconfident there. */
function withoutSignalFrom(snapshot: TrainingSnapshot, from: number): TrainingSnapshot {
  const random = seededRandom(8);
  const target = snapshot.target.map((value, row) => (row < from || row >= 1200 ? value : random() < 0.5 ? 1 : 0));
  return { ...snapshot, target };
}

const slopeOf = (calibration: Calibration): number => (calibration.kind === 'platt' ? calibration.slope : 1);

const feature = (name: string, monotone?: 'increasing' | 'decreasing'): FeatureDefinition => ({
  name,
  title: `The ${name} <of the borrower>`,
  unit: 'ratio',
  nullMeaning: 'not stated',
  type: name === 'housing' ? 'categorical' : 'numeric',
  definition: { kind: 'attribute', column: name },
  reason: { code: name.toUpperCase(), text: `${name} speaks against it` },
  ...(monotone && { monotone }),
});

const request = (estimator: AnyEstimator, seed = 1): TrainingRequest => ({
  portfolio: {
    name: 'test-book',
    title: 'Test & book',
    description: 'A book made for a test.',
    defaultDefinition: { description: 'Ninety days late.', outcomeWindowMonths: 12 },
    features: {
      features: [
        feature('income', 'decreasing'),
        feature('burden', 'increasing'),
        feature('noise'),
        feature('housing'),
      ],
    },
    split: { kind: 'out_of_time', trainUntil: '2020-01-01', name: 'test', folds: 5 },
    scale: { baseScore: 600, baseOdds: 30, pdo: 20 },
    estimators: ['scorecard', 'logistic'],
  },
  estimator,
  snapshot: snapshotOf(seed),
  seed: 3,
  nthread: 1,
  codeVersion: 'code',
  clock: { now: () => new Date('2026-01-02T03:04:05Z') },
});

describe('trainEstimator', () => {
  it('predicts training rows out of fold and the test split by the final model', async () => {
    const { draft, outOfFold, test, train } = await trainEstimator(request(logistic));
    assert.deepEqual([outOfFold.rows.length, train.rows.length, test.rows.length], [1200, 1200, 300]);
    for (const split of ['out_of_fold', 'train', 'out_of_time'])
      assert.ok(draft.metrics[split]!.auc.value > 0.75, split);
    assert.equal(draft.metrics['out_of_fold']!.auc.value, auc({ scores: outOfFold.pd, target: outOfFold.target }));
    assert.ok(Math.abs(draft.metrics['out_of_fold']!.calibrationSlope.value - 1) < 0.25);
    assert.equal(draft.importance.at(-1)!.feature, 'noise');
    assert.deepEqual(draft.reasons['income'], {
      code: 'INCOME',
      text: 'income speaks against it',
      whenMissing: 'The income <of the borrower>: not stated',
    });
  });

  it('never looks at a test outcome, and never predicts a row by a model that saw it', async () => {
    const base = request(logistic);
    const honest = await trainEstimator(base);
    const flip = (rows: (row: number) => boolean): TrainingRequest => ({
      ...base,
      snapshot: { ...base.snapshot, target: base.snapshot.target.map((value, row) => (rows(row) ? 1 - value : value)) },
    });
    const otherTest = await trainEstimator(flip((row) => row >= 1200));
    assert.deepEqual(otherTest.fitted, honest.fitted);
    assert.deepEqual(otherTest.draft.calibration, honest.draft.calibration);
    const otherFold = await trainEstimator(flip((row) => row < 1200 && row % 5 === 2));
    const inFold = honest.outOfFold.margin.filter((_, i) => honest.outOfFold.fold[i] === 2);
    assert.deepEqual(
      otherFold.outOfFold.margin.filter((_, i) => otherFold.outOfFold.fold[i] === 2),
      inFold,
    );
  });

  it('calibrates forward where rows are tested later: on the latest quarter, whatever the order of rows', async () => {
    const base = request(logistic);
    const drifting = withoutSignalFrom(base.snapshot, 900);
    const forward = await trainEstimator({ ...base, snapshot: drifting });
    const folds = { ...base.portfolio, split: { kind: 'folds', name: 'test', folds: 5 } } as const;
    const anyTime = await trainEstimator({ ...base, snapshot: drifting, portfolio: folds });
    assert.deepEqual([forward.calibratedOn, anyTime.calibratedOn], ['latest_quarter', 'out_of_fold']);
    assert.ok(slopeOf(forward.draft.calibration) < 0.4, JSON.stringify(forward.draft.calibration));
    assert.ok(slopeOf(anyTime.draft.calibration) > 0.7, JSON.stringify(anyTime.draft.calibration));
    const undated = await trainEstimator({ ...base, snapshot: { ...drifting, asOf: drifting.asOf.map(() => '') } });
    assert.deepEqual(undated.draft.calibration, anyTime.draft.calibration);
    assert.equal(undated.calibratedOn, 'out_of_fold');
  });

  it('is the same whatever the clock; the key follows what the model follows from', async () => {
    const first = await trainEstimator(request(scorecard));
    const later = { ...request(scorecard), clock: { now: () => new Date('2030-01-01T00:00:00Z') } };
    const second = await trainEstimator(later);
    assert.deepEqual(second.fitted, first.fitted);
    assert.deepEqual({ ...second.draft, createdAt: '' }, { ...first.draft, createdAt: '' });
    assert.equal(trainingKey(later), trainingKey(request(scorecard)));
    for (const change of [
      { seed: 4 },
      { codeVersion: 'other' },
      { parameters: { l2: 2 } },
      { snapshot: snapshotOf(2) },
    ]) {
      assert.notEqual(trainingKey({ ...request(scorecard), ...change }), trainingKey(request(scorecard)));
    }
  });

  it('says in the manifest what was chosen from the data', async () => {
    const { draft } = await trainEstimator(request(logistic));
    assert.equal(typeof draft.parameters['l2'], 'number');
    const given = await trainEstimator({ ...request(logistic), parameters: { l2: 7 } });
    assert.equal(given.draft.parameters['l2'], 7);
  });

  it('leaves a level seen three times out of the inputs', async () => {
    const { draft } = await trainEstimator(request(logistic));
    const housing = draft.inputs.find(({ name }) => name === 'housing');
    assert.deepEqual(housing?.kind === 'categorical' && housing.levels, ['own', 'rent']);
  });

  it('says what to do where no calibration can be measured, and leaves out a test split that has too few', async () => {
    const base = request(scorecard);
    const [income] = base.snapshot.frame.columns;
    assert.ok(income?.kind === 'numeric');
    const apart = base.snapshot.target.map((_, row) => (income.values[row]! < 0 ? 1 : 0));
    await assert.rejects(
      trainEstimator({ ...base, snapshot: { ...base.snapshot, target: apart } }),
      /rows are all the same, or separate the defaults wholly.*1200 rows/,
    );
    const noTest = base.snapshot.target.map((value, row) => (row < 1200 ? value : 0));
    const { draft } = await trainEstimator({ ...base, snapshot: { ...base.snapshot, target: noTest } });
    assert.deepEqual(Object.keys(draft.metrics), ['out_of_fold', 'train']);
  });

  it('stops when told to, and refuses a split it cannot learn from', async () => {
    const aborted = { ...request(logistic), signal: AbortSignal.abort(new AssayError('cancelled', { what: 'stop' })) };
    await assert.rejects(trainEstimator(aborted));
    const base = request(logistic);
    const onlyGood = { ...base.snapshot, target: new Uint8Array(ROWS) };
    await assert.rejects(trainEstimator({ ...base, snapshot: onlyGood }), /too small to train on/);
  });
});

describe('what is made of a training run', () => {
  const home = mkdtempSync(join(tmpdir(), 'assay-training-'));
  after(() => rmSync(home, { recursive: true, force: true }));

  it('stored predictions compare as the results themselves do', async () => {
    const results = [await trainEstimator(request(scorecard)), await trainEstimator(request(logistic))];
    const warehouse = await openWarehouse({ threads: 1 });
    const store = { warehouse, lake: openLocalLake(home) };
    for (const result of results) await storePredictions(store, result, snapshotOf(1).applicationIds);
    assert.deepEqual(await compareStored(store), compareEstimators(results.map(comparableOf)));
    const rows = await warehouse.rows(
      `SELECT estimator, COUNT(*) AS n, MIN(fold) AS low, MAX(fold) AS high FROM read_parquet('${store.lake.path(OUT_OF_FOLD_KEY)}') GROUP BY estimator ORDER BY estimator`,
    );
    assert.deepEqual(rows, [
      { estimator: 'logistic', n: 1200, low: 0, high: 4 },
      { estimator: 'scorecard', n: 1200, low: 0, high: 4 },
    ]);
    await warehouse.close();
  });

  it('the document states the run, escapes what it is given and loads nothing', async () => {
    const ofRun = request(scorecard);
    const result = await trainEstimator(ofRun);
    const manifest: ModelManifest = {
      ...result.draft,
      format: 'assay-model/1',
      modelVersion: 'test-book-scorecard-0123',
      payload: { file: 'model.json', sha256: 'abc', format: 'assay-scorecard/1' },
    };
    const document = modelDocument({ request: ofRun, result, manifest });
    assert.ok(document.includes(result.draft.metrics['out_of_time']!.auc.value.toFixed(4)));
    assert.ok(document.includes('The income &lt;of the borrower&gt;') && document.includes('Test &amp; book'));
    assert.ok(!/<script|src=|href="(?!#)|url\(|@import/.test(document));
  });

  it('a direction that the model keeps has no violations, the opposite one has', async () => {
    const ofRun = request(logistic);
    const { fitted } = await trainEstimator(ofRun);
    const compiled = compileEstimator(fitted);
    const kept = checkMonotonicity(compiled, ofRun.snapshot.frame, { income: 'decreasing' }, { seed: 1 });
    const broken = checkMonotonicity(compiled, ofRun.snapshot.frame, { income: 'increasing' }, { seed: 1 });
    assert.equal(kept[0]!.violations, 0);
    assert.ok(broken[0]!.violations > 0.9 * broken[0]!.steps);
    const importance = attributionImportance(compiled, ofRun.snapshot.frame, { seed: 1 });
    assert.ok(Math.abs(importance.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
  });
});
