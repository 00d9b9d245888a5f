/**
 * The built-in path of SageMaker, both ways: stock XGBoost 3.0.5 opens our model as `xgboost-model` (UBJSON, no extension), gives
 * our margins and would write the very bytes we wrote; our scorer opens the `xgboost-model` it trains from numbers without
 * names, and gives its margins bit for bit. Not tested here: SageMaker's image around the library.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { InputColumn } from '../../src/domain/index.ts';
import { compileTrees, type FittedTrees, modelJsonToUbjson, openXgboostModel } from '../../src/estimators/index.ts';
import { findXgboost, loadConfig, openXgboostEngine, REPOSITORY_ROOT } from '../../src/platform/index.ts';
import { CATEGORIES, pythonXgboost, syntheticBook } from './xgboost-peer.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const python = await pythonXgboost();
const skip = library === undefined ? 'libxgboost is not installed' : 'reason' in python ? python.reason : false;
const ROWS = 5000;

test('a model travels to the built-in algorithm and back', { skip }, async (t) => {
  const scratch = await mkdtemp(join(tmpdir(), 'assay-built-in-'));
  t.after(() => rm(scratch, { recursive: true, force: true }));
  const file = (name: string): string => join(scratch, name);
  const matrix = syntheticBook(ROWS, 11);
  const engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: scratch });
  const parameters = { objective: 'binary:logistic', max_depth: '6', max_cat_to_onehot: '4', seed: '3', nthread: '1' };
  const { modelJson } = await engine.train({ train: matrix, parameters, rounds: 150 });
  await engine.close();
  await writeFile(file('xgboost-model'), modelJsonToUbjson(modelJson));
  await writeFile(file('matrix'), matrix.values);
  await writeFile(file('labels'), matrix.labels);
  const request = {
    matrix: file('matrix'),
    labels: file('labels'),
    rows: matrix.rowCount,
    columns: matrix.columnCount,
    featureNames: matrix.featureNames,
    featureTypes: matrix.featureTypes,
    ours: file('xgboost-model'),
    ourMargins: file('our-margins'),
    theirs: file('theirs'),
    theirMargins: file('their-margins'),
  };
  await writeFile(file('request.json'), JSON.stringify(request));
  const script = join(REPOSITORY_ROOT, 'python/reference/xgboost_model.py');
  const { stdout } = await promisify(execFile)(process.env['ASSAY_PYTHON'] ?? 'python3', [
    script,
    file('request.json'),
  ]);
  const answer: { version: string; sameBytes: boolean } = JSON.parse(stdout);
  assert.ok(answer.sameBytes, 'XGBoost writes other bytes for the same model');

  const inputs: InputColumn[] = matrix.featureNames.map((name, c) => {
    const levels = CATEGORIES[matrix.columnCount - 1 - c];
    return levels === undefined
      ? { kind: 'numeric', name }
      : { kind: 'categorical', name, levels: Array.from({ length: levels }, (_, level) => String(level)) };
  });
  const ours: FittedTrees = { kind: 'trees', estimator: 'boosted', inputs, modelJson, rounds: 150 };
  const theirs = openXgboostModel(await readFile(file('theirs')));
  for (const [fitted, margins] of [
    [ours, 'our-margins'],
    [theirs, 'their-margins'],
  ] as const) {
    const bytes = await readFile(file(margins));
    const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    assert.equal(differing(fitted, matrix.values, matrix.columnCount, expected), 0, margins);
  }
  t.diagnostic(
    `XGBoost ${answer.version}: ${2 * ROWS} margins compared, 0 differ in any bit; the model's bytes are the same`,
  );
});

function differing(fitted: FittedTrees, values: Float32Array, columns: number, expected: Float32Array): number {
  const { margin } = compileTrees(fitted);
  let count = 0;
  for (let row = 0; row < expected.length; row++)
    if (!Object.is(margin(Float64Array.from(values.subarray(row * columns, (row + 1) * columns))), expected[row]))
      count++;
  return count;
}
