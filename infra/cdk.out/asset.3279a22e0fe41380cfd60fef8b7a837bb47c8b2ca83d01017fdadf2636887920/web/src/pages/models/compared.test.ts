import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelRow } from '../../contract.ts';
import { bySnapshot, comparedOf } from './compared.ts';

const exact = (value: number) => ({ value, lower: value, upper: value });
const model = (modelVersion: string, status: ModelRow['status'], auc: number, snapshotHash = 's1'): ModelRow => ({
  modelVersion,
  estimator: 'forest',
  status,
  createdAt: '2026-01-01T00:00:00Z',
  inputs: 1,
  snapshotHash,
  catalogHash: '',
  codeVersion: '',
  seed: 1,
  metrics: {
    out_of_fold: {
      rows: 1,
      defaults: 1,
      auc: exact(auc),
      gini: exact(0),
      ks: exact(0),
      brier: exact(0),
      logLoss: 0,
      calibrationSlope: exact(1),
      calibrationIntercept: 0,
      ece: 0,
    },
  },
  signatureValid: true,
  documentUrl: null,
});

test('the champion leads, discrimination orders the others, the retired come last', () => {
  const rows = [
    model('old', 'retired', 0.9),
    model('weak', 'approved', 0.6),
    model('strong', 'candidate', 0.8),
    model('top', 'champion', 0.7),
  ];
  assert.deepEqual(
    comparedOf(rows, 'out_of_fold').map((row) => row.model.modelVersion),
    ['top', 'strong', 'weak', 'old'],
  );
  assert.equal(comparedOf(rows, 'train')[0]?.metrics, null);
});

test('versions of other training data do not stand in the same comparison', () => {
  const { comparable, others } = bySnapshot([
    model('a', 'champion', 0.7),
    model('b', 'candidate', 0.9, 's2'),
    model('c', 'candidate', 0.6),
  ]);
  assert.deepEqual(
    [comparable, others].map((group) => group.map(({ modelVersion }) => modelVersion)),
    [['a', 'c'], ['b']],
  );
});
