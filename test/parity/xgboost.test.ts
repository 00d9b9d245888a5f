/**
 * One score, in any tool: the model that Assay's engine trains is the file Python's XGBoost writes from the same data and
 * parameters, byte for byte, and Python reads the same margins and contributions out of it. Four shapes of training are
 * walked through. Not tested here: speed (bench/train.ts), the TypeScript scorer (beside its source).
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findXgboost, loadConfig, openXgboostEngine, type XgboostEngine } from '../../src/platform/index.ts';
import { pythonXgboost, syntheticBook, trainInPython } from './xgboost-peer.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const python = await pythonXgboost();
const skip = library === undefined ? 'libxgboost is not installed' : 'reason' in python ? python.reason : false;

const BASE = { objective: 'binary:logistic', tree_method: 'hist', seed: '7', nthread: '1' };
const SHAPES: Readonly<Record<string, { parameters: Record<string, string>; rounds: number }>> = {
  'boosting, base score left to the library': { parameters: { max_depth: '6' }, rounds: 20 },
  'sampled rows and columns, fixed base score': {
    parameters: { max_depth: '4', subsample: '0.7', colsample_bynode: '0.4', base_score: '0.1', eta: '0.05' },
    rounds: 30,
  },
  'monotone, categories one against the rest': {
    parameters: { max_depth: '5', monotone_constraints: `(1,-1${',0'.repeat(28)})`, max_cat_to_onehot: '50' },
    rounds: 15,
  },
  'a forest': {
    parameters: {
      max_depth: '10',
      num_parallel_tree: '25',
      subsample: '0.63',
      colsample_bynode: '0.3',
      eta: '1',
      lambda: '0.001',
    },
    rounds: 1,
  },
};

describe("Assay's engine beside Python's XGBoost", { skip }, () => {
  let scratch = '';
  let engine: XgboostEngine;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'assay-parity-'));
    engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
  });
  after(async () => {
    await engine?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  it('is the same version', () => assert.equal(engine.version, 'version' in python ? python.version : ''));

  for (const [name, { parameters, rounds }] of Object.entries(SHAPES)) {
    it(`${name}: the same bytes, margins and contributions`, async () => {
      const matrix = syntheticBook(4000, 3);
      const training = { matrix, parameters: { ...BASE, ...parameters }, rounds };
      const theirs = await trainInPython(scratch, training, true);
      const ours = await engine.train({ train: matrix, parameters: training.parameters, rounds });
      assert.ok(ours.modelJson === (await readFile(theirs.model, 'utf8')), 'the model files differ');
      assert.deepEqual(bytesOf(await engine.margins(ours.modelJson, matrix)), await readFile(theirs.margins));
      assert.deepEqual(
        bytesOf(await engine.contributions(ours.modelJson, matrix)),
        await readFile(theirs.contributions),
      );
    });
  }
});

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
