/** A wide set is narrowed by what each column tells by itself, on the rows of the fit; a narrow one is left as it is. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AssayError, type Column } from '../../domain/index.ts';
import type { Estimator, TrainingSet } from '../contract.ts';
import { scorecard } from '../scorecard/index.ts';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { screened } from './screened.ts';

const ROWS = 600;
const CONTEXT = { seed: 1, nthread: 1 };

/** Noise, and in the middle of it what drives default: a number, a hump, missing values, a level. Many levels drive nothing. */
function wideSet(): TrainingSet {
  const random = mulberry32(5);
  const draw = (of: () => number) => Float64Array.from({ length: ROWS }, of);
  const noise = (i: number): Column => ({ kind: 'numeric', name: `noise${i}`, values: draw(random) });
  const [number, hump] = [draw(random), draw(random)];
  const patchy = draw(() => (random() < 0.3 ? Number.NaN : random()));
  const level = Int32Array.from({ length: ROWS }, () => Math.floor(3 * random()));
  const serial = Int32Array.from({ length: ROWS }, (_, row) => row >> 1);
  const target = Uint8Array.from({ length: ROWS }, (_, row) => {
    const missing = Number.isNaN(patchy[row]!) ? 1.5 : 0;
    const margin = 3 * number[row]! + 8 * Math.abs(hump[row]! - 0.5) + missing + level[row]! - 6;
    return random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  });
  const drivers: Column[] = [
    { kind: 'numeric', name: 'number', values: number },
    { kind: 'numeric', name: 'hump', values: hump },
    { kind: 'numeric', name: 'patchy', values: patchy },
    { kind: 'categorical', name: 'level', levels: ['a', 'b', 'c'], codes: level },
    { kind: 'categorical', name: 'serial', levels: Array.from({ length: ROWS / 2 }, (_, i) => `s${i}`), codes: serial },
  ];
  const columns = [...Array.from({ length: 150 }, (_, i) => noise(i)), ...drivers, noise(150), noise(151)];
  return { frame: { rowCount: ROWS, columns }, target };
}

/** Notes what it is given to fit, and fits a scorecard to it. */
function witness(seen: string[][]): Estimator<object> {
  const fit: Estimator<object>['fit'] = (train, options) => {
    seen.push(train.frame.columns.map(({ name }) => name));
    return scorecard.fit(train, options);
  };
  return { ...scorecard, fit };
}

describe('screened', () => {
  it('keeps what tells most by itself, in its order, and not what only has many levels', async () => {
    const seen: string[][] = [];
    const fitted = await screened(witness(seen), { most: 12 }).fit(wideSet(), { context: CONTEXT });
    assert.equal(seen[0]!.length, 12);
    const drivers = seen[0]!.filter((name) => !name.startsWith('noise'));
    assert.deepEqual(drivers, ['number', 'hump', 'patchy', 'level']);
    assert.ok(fitted.inputs.every(({ name }) => seen[0]!.includes(name)));
    const again: string[][] = [];
    await screened(witness(again), { most: 12 }).fit(wideSet(), { context: CONTEXT });
    assert.deepEqual(again, seen);
  });

  it('counts weights', async () => {
    const set = wideSet();
    const weights = Float64Array.from(set.target, (_, row) => (row < ROWS / 2 ? 1 : 0));
    const [seen, half]: string[][][] = [[], []];
    const first = Uint32Array.from({ length: ROWS / 2 }, (_, row) => row);
    const columns = set.frame.columns.map((column) =>
      column.kind === 'numeric'
        ? { ...column, values: column.values.slice(0, ROWS / 2) }
        : { ...column, codes: column.codes.slice(0, ROWS / 2) },
    );
    await screened(witness(seen!), { most: 3 }).fit({ ...set, weights }, { context: CONTEXT });
    const target = set.target.slice(0, first.length);
    await screened(witness(half!), { most: 3 }).fit(
      { frame: { rowCount: first.length, columns }, target },
      { context: CONTEXT },
    );
    assert.deepEqual(seen, half);
  });

  it('leaves a narrow set as it is, and stops when told to', async () => {
    const set = wideSet();
    const seen: string[][] = [];
    await screened(witness(seen), { most: set.frame.columns.length }).fit(set, { context: CONTEXT });
    assert.equal(seen[0]!.length, set.frame.columns.length);
    const stopped = { ...CONTEXT, signal: AbortSignal.abort() };
    await assert.rejects(
      screened(witness(seen), { most: 12 }).fit(set, { context: stopped }),
      (error) => error instanceof AssayError && error.code === 'cancelled',
    );
    assert.equal(seen.length, 1);
  });
});
