import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { loadConfig } from '../config.ts';
import type { BoosterMatrix, XgboostEngine } from '../contract.ts';
import { findXgboost } from '../xgboost-library/index.ts';
import { isBetter, parseEvaluation } from './booster.ts';
import { openXgboostEngine } from './engine.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;

const PARAMETERS = {
  objective: 'binary:logistic',
  tree_method: 'hist',
  eval_metric: 'logloss',
  max_depth: '3',
  base_score: '0.3',
  seed: '1',
  nthread: '1',
};

/** Columns: a wave, a wave with holes, a category of eight levels; the label depends on the first and last. */
function wavyMatrix(rowCount: number, phase = 0): BoosterMatrix & { readonly labels: Float32Array } {
  const values = new Float32Array(rowCount * 3);
  const labels = new Float32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const x = Math.sin(i * 7.1 + phase);
    values.set([x, i % 11 === 0 ? Number.NaN : Math.cos(i * 3.3), i % 8], i * 3);
    labels[i] = x + (i % 3) / 2 + Math.sin(i * i + phase) > 0.8 ? 1 : 0;
  }
  return {
    values,
    rowCount,
    columnCount: 3,
    featureNames: ['wave', 'holes', 'kind'],
    featureTypes: ['q', 'q', 'c'],
    labels,
  };
}

describe('openXgboostEngine', { skip }, () => {
  let scratch = '';
  let engine: XgboostEngine;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'assay-xgboost-'));
    engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
  });
  after(async () => {
    await engine?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  it('names its version', () => assert.match(engine.version, /^\d+\.\d+\.\d+$/));

  it('gives the same bytes twice, and leaves nothing behind', async () => {
    const request = { train: wavyMatrix(300), parameters: PARAMETERS, rounds: 5 };
    const [first, second] = [await engine.train(request), await engine.train(request)];
    assert.equal(first.modelJson, second.modelJson);
    assert.equal(first.rounds, 5);
    assert.deepEqual(await readdir(scratch), []);
  });

  it('predicts margins that its contributions add up to', async () => {
    const train = wavyMatrix(300);
    const { modelJson } = await engine.train({ train, parameters: PARAMETERS, rounds: 5 });
    const margins = await engine.margins(modelJson, train);
    const contributions = await engine.contributions(modelJson, train);
    assert.equal(contributions.length, 300 * 4);
    for (let i = 0; i < 300; i++) {
      const sum = contributions.subarray(i * 4, i * 4 + 4).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - margins[i]!) < 1e-5);
    }
    assert.ok(new Set(margins).size > 5);
  });

  it('stops early and cuts the model at the best round', async () => {
    const request = { train: wavyMatrix(200), validation: wavyMatrix(200, 1), parameters: { ...PARAMETERS, eta: '1' } };
    const stopped = await engine.train({ ...request, rounds: 300, earlyStoppingRounds: 4 });
    const losses = stopped.evaluations.map((evaluation) => evaluation.validation ?? Number.NaN);
    assert.ok(stopped.rounds < 300);
    assert.equal(losses.indexOf(Math.min(...losses)) + 1, stopped.rounds);
    assert.equal(losses.length, stopped.rounds + 4);
    const straight = await engine.train({ ...request, rounds: stopped.rounds });
    assert.deepEqual(
      await engine.margins(stopped.modelJson, request.train),
      await engine.margins(straight.modelJson, request.train),
    );
  });

  it('is cancelled in the middle of a round, and works on', async () => {
    const abort = new AbortController();
    const rounds: number[] = [];
    const training = engine.train(
      { train: wavyMatrix(2000), parameters: PARAMETERS, rounds: 1_000_000 },
      {
        signal: abort.signal,
        onProgress: (round) => {
          rounds.push(round);
          abort.abort();
        },
      },
    );
    await assert.rejects(training, (error) => error instanceof AssayError && error.code === 'cancelled');
    assert.ok(rounds.length > 0);
    assert.equal((await engine.train({ train: wavyMatrix(100), parameters: PARAMETERS, rounds: 2 })).rounds, 2);
  });

  it('does as many jobs at a time as have threads, and each as if it were alone', async () => {
    const own = await openXgboostEngine({ libraryPath: library ?? '', nthread: 2, scratchDirectory: scratch });
    const train = (seed: number) =>
      own.train({
        train: wavyMatrix(500),
        parameters: { ...PARAMETERS, seed: String(seed), subsample: '0.5' },
        rounds: 20,
      });
    const together = await Promise.all([1, 2, 3, 4].map(train));
    for (const [i, { modelJson }] of together.entries()) assert.equal(modelJson, (await train(i + 1)).modelJson);
    assert.notEqual(together[0]?.modelJson, together[1]?.modelJson);
    await own.close();
    await assert.rejects(train(1), /closed/);
  });

  it('hands on what the library says about a parameter', async () => {
    const training = engine.train({
      train: wavyMatrix(50),
      parameters: { ...PARAMETERS, max_depth: 'deep' },
      rounds: 1,
    });
    await assert.rejects(training, /max_depth.*deep/);
  });

  it('refuses a matrix that does not fit its shape, and labels that are not there', async () => {
    const { labels, ...unlabelled } = wavyMatrix(50);
    assert.equal(labels.length, 50);
    await assert.rejects(
      engine.train({ train: { ...wavyMatrix(50), rowCount: 49 }, parameters: PARAMETERS, rounds: 1 }),
      /shape/,
    );
    await assert.rejects(engine.train({ train: unlabelled, parameters: PARAMETERS, rounds: 1 }), /no labels/);
    await assert.rejects(engine.train({ train: wavyMatrix(50), parameters: PARAMETERS, rounds: 0 }), /rounds/);
  });

  const children = `/proc/${process.pid}/task/${process.pid}/children`;
  it('says so when its process dies, and starts another', {
    skip: existsSync(children) ? false : 'needs /proc',
  }, async () => {
    const own = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
    const child = Number(readFileSync(children, 'utf8').trim().split(' ').at(-1));
    const training = own.train(
      { train: wavyMatrix(2000), parameters: PARAMETERS, rounds: 1_000_000 },
      { onProgress: () => void process.kill(child, 'SIGKILL') },
    );
    await assert.rejects(
      training,
      (error) => error instanceof AssayError && error.code === 'unavailable' && /SIGKILL/.test(error.message),
    );
    assert.equal((await own.train({ train: wavyMatrix(100), parameters: PARAMETERS, rounds: 2 })).rounds, 2);
    await own.close();
  });
});

describe('openXgboostEngine without a library', () => {
  it('names likely causes', async () => {
    const opening = openXgboostEngine({
      libraryPath: '/nowhere/libxgboost.so',
      nthread: 1,
      scratchDirectory: tmpdir(),
    });
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof AssayError);
      assert.equal(error.code, 'unavailable');
      assert.match(error.message, /nowhere.*libgomp/s);
      return true;
    });
  });
});

describe('parseEvaluation', () => {
  it('reads the last metric of each set', () => {
    const found = parseEvaluation(
      '[3]\ttrain-auc:0.8\ttrain-logloss:0.41\tvalidation-auc:0.7\tvalidation-logloss:0.5',
      ['train', 'validation'],
    );
    assert.deepEqual(found.get('validation'), { metric: 'logloss', value: 0.5 });
    assert.deepEqual(found.get('train'), { metric: 'logloss', value: 0.41 });
  });

  it('knows which metrics grow', () => {
    assert.ok(isBetter('auc', 0.8, 0.7));
    assert.ok(isBetter('logloss', 0.3, 0.4));
    assert.ok(isBetter('ndcg@5', 0.8, 0.7));
  });
});
