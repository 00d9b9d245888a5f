import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bin, Characteristic, FittedScorecard } from '../estimators/index.ts';
import { bestValues } from './best-values.ts';

const between = (lower: number | null, upper: number | null, woe: number): Bin => ({
  rule: { kind: 'interval', lower, upper },
  ...{ count: 100, defaults: 10, woe },
});
const missing = (woe: number): Bin => ({ rule: { kind: 'missing' }, count: 900, defaults: 40, woe });
const characteristic = (feature: string, bins: Bin[], coefficient = 1): Characteristic => ({
  ...{ feature, coefficient, standardError: 0.1, iv: 0.1, bins },
});
const scorecardOf = (...characteristics: Characteristic[]): FittedScorecard => ({
  kind: 'scorecard',
  inputs: [],
  intercept: 0,
  characteristics,
  convergence: { iterations: 1, converged: true, gradientNorm: 0 },
});

test('where only a missing value would score better, the best bin is named; elsewhere none is', () => {
  const found = bestValues(
    scorecardOf(
      characteristic('one bin', [between(null, null, 0.58), missing(-0.02)]),
      characteristic('two bins', [between(null, 1, 0.2), between(1, null, 0.9), missing(-0.1)]),
      characteristic('a better value', [between(null, 1, -0.3), between(1, null, 0.9), missing(-0.1)]),
      characteristic('never missing', [between(null, 1, 0.2), between(1, null, 0.9)]),
      characteristic('turned round', [between(null, 1, -0.2), between(1, null, -0.9), missing(0.1)], -1),
    ),
  );
  assert.deepEqual(
    [...found],
    [
      ['one bin', { lower: null, upper: null }],
      ['two bins', { lower: null, upper: 1 }],
      ['turned round', { lower: null, upper: 1 }],
    ],
  );
});
