import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { buildGrades, DEFAULT_GRADES, DEFAULT_SCALE, gradeOf, pdOfScore, pointsPerLogOdds, scoreOf } from './index.ts';

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

describe('score', () => {
  it('has the base score at the base odds, and pdo points double the odds', () => {
    near(scoreOf(1 / 51, DEFAULT_SCALE), 600);
    near(scoreOf(1 / 101, DEFAULT_SCALE), 620);
    near(scoreOf(1 / 26, DEFAULT_SCALE), 580);
    near(pointsPerLogOdds(DEFAULT_SCALE) * Math.LN2, 20);
  });

  it('is finite at the ends, falls as pd rises, and is undone by pdOfScore', () => {
    assert.ok(Number.isFinite(scoreOf(0, DEFAULT_SCALE)) && Number.isFinite(scoreOf(1, DEFAULT_SCALE)));
    const pd = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(pd, pd, (a, b) => {
        near(pdOfScore(scoreOf(a, DEFAULT_SCALE), DEFAULT_SCALE), a, 1e-9);
        if (a < b) assert.ok(scoreOf(a, DEFAULT_SCALE) >= scoreOf(b, DEFAULT_SCALE));
      }),
    );
  });
});

describe('grades', () => {
  const bands = [
    { grade: 'A', upperPd: 0.1 },
    { grade: 'B', upperPd: 0.3 },
    { grade: 'C', upperPd: 1 },
  ];

  it('hold their upper bound and not their lower', () => {
    assert.deepEqual(
      [0, 0.1, 0.1000001, 0.3, 0.9, 1].map((pd) => gradeOf(pd, bands)),
      ['A', 'A', 'B', 'B', 'C', 'C'],
    );
    assert.throws(() => gradeOf(0.5, []), RangeError);
  });

  it('by default rise to 1, two for every doubling', () => {
    const bounds = DEFAULT_GRADES.map(({ upperPd }) => upperPd);
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
    assert.equal(bounds.at(-1), 1);
    near(bounds[4]! / bounds[2]!, 2, 0.02);
    assert.equal(new Set(DEFAULT_GRADES.map(({ grade }) => grade)).size, DEFAULT_GRADES.length);
  });

  it('built from a book have rising default rates and enough rows each', () => {
    const random = mulberry32(8);
    const pds = Float64Array.from({ length: 6000 }, () => 0.4 * random() ** 3);
    const target = Uint8Array.from(pds, (pd) => (random() < pd ? 1 : 0));
    const built = buildGrades(pds, target, { grades: 7, minShare: 0.05 });
    assert.ok(built.length >= 4 && built.length <= 7);
    assert.equal(built.at(-1)!.upperPd, 1);
    const counts = built.map(() => ({ rows: 0, defaults: 0 }));
    pds.forEach((pd, i) => {
      const at = built.findIndex(({ grade }) => grade === gradeOf(pd, built));
      counts[at]!.rows++;
      counts[at]!.defaults += target[i]!;
    });
    assert.ok(counts.every(({ rows, defaults }) => rows >= 300 && defaults >= 5));
    const rates = counts.map(({ rows, defaults }) => defaults / rows);
    assert.ok(rates.every((rate, i) => i === 0 || rate > rates[i - 1]!));
  });

  it('built from pds that do not rank alike keep their rates rising all the same', () => {
    const pds = Float64Array.from({ length: 3000 }, (_, i) => 0.01 * (1 + (i % 6)));
    const rates = [0.05, 0.02, 0.1, 0.06, 0.3, 0.2];
    const target = Uint8Array.from(pds, (_, i) => (Math.floor(i / 6) % 100 < 100 * rates[i % 6]! ? 1 : 0));
    assert.deepEqual(
      buildGrades(pds, target).map(({ upperPd }) => Number(upperPd.toFixed(2))),
      [0.02, 0.04, 1],
    );
  });

  it('are a single one where the book tells nothing apart', () => {
    const built = buildGrades([0.1, 0.1, 0.1, 0.1], Uint8Array.of(0, 1, 0, 0));
    assert.deepEqual(built, [{ grade: 'G1', upperPd: 1 }]);
  });
});
