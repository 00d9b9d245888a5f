import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FraudLabel } from '../../fraud/index.ts';
import { fraudResults } from './fraud-results.ts';

const ranking = Array.from({ length: 120 }, (_, i) => `A${i}`);
const label = (place: number, verdict: FraudLabel['verdict'], ...signals: string[]): FraudLabel => ({
  applicationId: `A${place}`,
  verdict,
  signals,
});

test('precision counts what was settled within the length people can look into, and by signal', () => {
  const labels = [
    ...Array.from({ length: 12 }, (_, i) => label(i, i < 9 ? 'confirmed' : 'cleared', 'device')),
    label(20, 'unsure', 'device'),
    ...Array.from({ length: 8 }, (_, i) => label(60 + i, 'cleared', 'income')),
    // no longer in the queue: counts for its signal, for no length
    label(500, 'confirmed', 'income', 'device'),
  ];
  const { capacities, signals } = fraudResults(ranking, labels);
  assert.deepEqual(
    capacities.map(({ capacity, confirmed, cleared, unsure, precision }) => [
      ...[capacity, confirmed, cleared, unsure],
      precision?.value,
    ]),
    [
      [50, 9, 3, 1, 0.75],
      [100, 9, 11, 1, 0.45],
      [120, 9, 11, 1, 0.45],
    ],
  );
  assert.deepEqual(
    signals.map(({ signal, confirmed, cleared, precision }) => [signal, confirmed, cleared, precision?.value ?? null]),
    [
      ['device', 10, 3, 10 / 13],
      ['income', 1, 8, null],
    ],
  );
});

test('without labels there is no precision', () => {
  assert.deepEqual(fraudResults(['A1'], []), {
    capacities: [{ capacity: 1, confirmed: 0, cleared: 0, unsure: 0, precision: null }],
    signals: [],
  });
});
