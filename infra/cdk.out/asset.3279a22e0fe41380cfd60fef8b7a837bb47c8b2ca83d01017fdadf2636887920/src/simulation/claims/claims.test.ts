import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DrawCounts, declinedShareFor, defaultCutAt } from './default-cut.ts';
import { DrawnFigures } from './draws.ts';
import { drawHalves } from './halves.ts';
import { conditionSql, incumbentRiskSql } from './incumbent-sql.ts';
import { judgePopulation } from './judge-population.ts';
import type { Population } from './populations.ts';
import { badRate, countGroups, cutAtShare, emptyCounts, rankRows, tallyAbove, tallyBelow } from './ranking.ts';
import { modelThreeWay, tallyThreeWay, threeWayAtShares } from './review-share.ts';
import { bookAfterReview, bookAtAccuracy, breakEvenAccuracy } from './reviewers.ts';
import { breakEvenFactor, swapSet } from './swap-set.ts';

const ones = (length: number): Uint16Array => new Uint16Array(length).fill(1);
const counted = (risk: readonly number[], bad: readonly number[]) => {
  const ranking = rankRows(Float64Array.from(risk));
  return { ranking, counts: countGroups(ranking, ones(bad.length), bad, emptyCounts(ranking)) };
};

test('ties share a group, and a threshold takes part of a group as if by lot', () => {
  const { ranking, counts } = counted([3, 1, 2, 2], [1, 0, 1, 0]);
  assert.deepEqual([...ranking.order], [1, 2, 3, 0]);
  assert.deepEqual([...ranking.groupOf], [2, 0, 1, 1]);
  const cut = cutAtShare(counts, 0.5);
  assert.deepEqual(cut, { group: 1, part: 0.5 });
  assert.deepEqual(tallyBelow(counts, cut), { rows: 2, bads: 0.5 });
  assert.deepEqual(tallyAbove(counts, cut), { rows: 2, bads: 1.5 });
  assert.deepEqual(tallyBelow(counts, cutAtShare(counts, 1)), { rows: 4, bads: 2 });
  assert.deepEqual(tallyBelow(counts, cutAtShare(counts, 0)), { rows: 0, bads: 0 });
});

/** Ten applicants; the model orders them rightly, the incumbent mistakes two pairs. */
const MODEL = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const INCUMBENT = [1, 2, 3, 9, 5, 6, 7, 4, 8, 10];
const BAD = [0, 0, 0, 0, 0, 1, 0, 1, 1, 1];

test('the default cut at equal approvals is one minus the ratio of the bad rates among the approved', () => {
  const [model, incumbent] = [counted(MODEL, BAD).counts, counted(INCUMBENT, BAD).counts];
  const counts: DrawCounts = { setting: { model, incumbent }, judging: { model, incumbent } };
  const found = defaultCutAt(counts, 0.7);
  // by the model: rows 0-6, one bad; by the incumbent: rows 0 1 2 7 4 5 6, two bads
  assert.equal(found.model, 1 / 7);
  assert.equal(found.incumbent, 2 / 7);
  assert.equal(found.cut, 0.5);
  assert.ok(Math.abs(found.cutAgainstAll - (1 - 1 / 7 / 0.4)) < 1e-12);
});

test('the declined share for a wanted cut is the smallest of the curve that reaches it', () => {
  const curve = Array.from({ length: 140 }, (_, i) => ({
    model: 0,
    incumbent: 0,
    cut: 0,
    cutAgainstAll: 0.6 - i * 0.005,
  }));
  assert.ok(Math.abs(declinedShareFor(curve, 0.252) - (1 - (0.3 + 69 * 0.005))) < 1e-9);
  assert.ok(Number.isNaN(declinedShareFor(curve, 0.9)));
});

test('loose: the model decides as long as its books stay as good as those of the incumbent', () => {
  const [model, incumbent] = [counted(MODEL, BAD).counts, counted(INCUMBENT, BAD).counts];
  const shares = { approved: 0.5, declined: 0.2 };
  const before = tallyThreeWay(incumbent, threeWayAtShares(incumbent, shares));
  // the incumbent approves rows 0 1 2 7 4 (one bad of five) and declines rows 3 and 9 (one bad of two)
  assert.deepEqual(before, {
    approved: { rows: 5, bads: 1 },
    referred: { rows: 3, bads: 2 },
    declined: { rows: 2, bads: 1 },
  });
  const after = tallyThreeWay(model, modelThreeWay('loose', model, incumbent, shares));
  // 7 of the safest with one bad (1/7 <= 1/5); all from row 5 on would be declined (4/5 bad), but nobody twice
  assert.deepEqual(after, {
    approved: { rows: 7, bads: 1 },
    referred: { rows: 0, bads: 0 },
    declined: { rows: 3, bads: 3 },
  });
});

test('strict: no slice the model adds is worse than the last slice the incumbent takes', () => {
  const size = 400;
  const risk = Array.from({ length: size }, (_, i) => i);
  // every fifth of the riskier half is bad for the incumbent's order; the model's order is the same: nothing may be added
  const bad = risk.map((i) => ((i * 7919 + 13) % size < i / 2 ? 1 : 0));
  const same = counted(risk, bad).counts;
  const shares = { approved: 0.4, declined: 0.2 };
  const policy = modelThreeWay('strict', same, same, shares);
  const tally = tallyThreeWay(same, policy);
  assert.ok(tally.approved.rows >= 0.4 * size - 1e-9 && tally.declined.rows >= 0.2 * size - 1e-9);
  const slice = (from: number, to: number): number => {
    const [low, high] = [from, to].map((share) => tallyBelow(same, cutAtShare(same, share)));
    return (high!.bads - low!.bads) / (high!.rows - low!.rows);
  };
  for (let at = 0.4; at + 0.05 <= tally.approved.rows / size + 1e-9; at += 0.05)
    assert.ok(slice(at, at + 0.05) <= slice(0.35, 0.4) + 1e-12);
});

test('reviewers: perfect ones approve the good, a coin half of all, the incumbent the safer half by its order', () => {
  const { ranking, counts } = counted(MODEL, BAD);
  const order = rankRows(Float64Array.from(INCUMBENT)).order;
  const policy = threeWayAtShares(counts, { approved: 0.4, declined: 0.2 });
  const tally = tallyThreeWay(counts, policy); // referred: rows 4 5 6 7, two bads
  const files = { policy, ranking, incumbentOrder: order, weights: ones(10), bad: BAD };
  assert.deepEqual(bookAfterReview('perfect', tally, files), { rows: 6, bads: 0 });
  assert.deepEqual(bookAfterReview('coin', tally, files), { rows: 6, bads: 1 });
  // by the incumbent's order row 7 (rank 4) comes first, then row 4
  const book = bookAfterReview('incumbent', tally, files);
  assert.ok(Math.abs(book.rows - 6) < 1e-9 && Math.abs(book.bads - 1) < 1e-9);
  assert.deepEqual(bookAtAccuracy(tally, 1), { rows: 6, bads: 0 });
  assert.deepEqual(bookAtAccuracy(tally, 0.5), { rows: 6, bads: 1 });
});

test('the accuracy of reviewers at which referring less stops paying is found', () => {
  const before = {
    approved: { rows: 40, bads: 4 },
    referred: { rows: 40, bads: 10 },
    declined: { rows: 20, bads: 10 },
  };
  const after = { approved: { rows: 60, bads: 6 }, referred: { rows: 10, bads: 3 }, declined: { rows: 30, bads: 15 } };
  const q = breakEvenAccuracy(before, after);
  const [old, changed] = [bookAtAccuracy(before, q), bookAtAccuracy(after, q)];
  assert.ok(Math.abs(badRate(old) - badRate(changed)) < 1e-9);
  assert.ok(Number.isNaN(breakEvenAccuracy(before, before)));
});

test('the swap set holds who is decided otherwise, and says how wrong it may be', () => {
  const model = counted(MODEL, BAD);
  const incumbent = counted(INCUMBENT, BAD);
  const swap = swapSet(
    { ranking: model.ranking, cut: cutAtShare(model.counts, 0.7) },
    { ranking: incumbent.ranking, cut: cutAtShare(incumbent.counts, 0.7) },
    { weights: ones(10), bad: BAD },
  );
  assert.deepEqual(swap, {
    both: { rows: 6, bads: 1 },
    swappedIn: { rows: 1, bads: 0 },
    swappedOut: { rows: 1, bads: 1 },
    neither: { rows: 2, bads: 2 },
  });
  const risky = { ...swap, swappedIn: { rows: 10, bads: 1 }, swappedOut: { rows: 10, bads: 3 } };
  assert.ok(Math.abs(breakEvenFactor(risky) - 3) < 1e-12);
});

test('halves: each row once in the first draw, as many rows as the half in the others, the same for the same seed', () => {
  const first = drawHalves(1000, 7, 0);
  for (let row = 0; row < 1000; row++) assert.equal(first.setting[row]! + first.judging[row]!, 1);
  const later = drawHalves(1000, 7, 3);
  const sum = (weights: Uint16Array): number => weights.reduce((total, weight) => total + weight, 0);
  assert.equal(sum(later.setting) + sum(later.judging), 1000);
  for (let row = 0; row < 1000; row++)
    assert.ok(later.setting[row] === 0 || later.judging[row] === 0, 'in both halves');
  assert.deepEqual(drawHalves(1000, 7, 3), later);
  assert.notDeepEqual(drawHalves(1000, 8, 3), later);
});

test('a figure that most draws do not define has no interval', () => {
  const figures = new DrawnFigures(4);
  for (let draw = 0; draw <= 4; draw++) {
    figures.set('always', draw, draw);
    figures.set('seldom', draw, draw < 2 ? 1 : Number.NaN);
  }
  assert.equal(figures.interval('seldom'), null);
  assert.equal(figures.interval('always')?.value, 0);
  assert.throws(() => figures.interval('never'), RangeError);
});

/** Applicants whose odds the model knows and the incumbent sees through noise. */
function population(size: number): Population {
  const pd = new Float64Array(size);
  const incumbent = new Float64Array(size);
  const bad = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const noise = ((i * 48_271) % 65_537) / 65_537;
    pd[i] = 0.01 + 0.4 * (((i * 16_807) % 32_749) / 32_749) ** 2;
    incumbent[i] = Math.round(8 * (0.5 * pd[i]! + 0.3 * noise));
    bad[i] = ((i * 69_621) % 99_991) / 99_991 < pd[i]! ? 1 : 0;
  }
  return { kind: 'out_of_time', pd, incumbent, bad, approved: new Float64Array(size).fill(Number.NaN) };
}

test('a model that knows the odds cuts defaults, the interval says so, and the same seed gives the same figures', async () => {
  const options = { draws: 60, seed: 3 };
  const shares = { approved: 0.4, declined: 0.2 };
  const claims = await judgePopulation(population(6000), shares, options);
  const [at80] = claims.headline;
  assert.ok(at80?.cut && at80.cut.lower > 0.05 && at80.cut.lower < at80.cut.value && at80.cut.value < at80.cut.upper);
  assert.ok(claims.review[0]?.reduction && claims.review[0].reduction.lower > 0);
  assert.deepEqual(await judgePopulation(population(6000), shares, options), claims);
});

test('against itself the model cuts nothing: zero lies in the interval', async () => {
  const base = population(6000);
  const claims = await judgePopulation(
    { ...base, incumbent: base.pd },
    { approved: 0.4, declined: 0.2 },
    { draws: 60, seed: 3 },
  );
  for (const { cut } of claims.headline)
    assert.ok(cut && cut.lower <= 0 && cut.upper >= 0 && Math.abs(cut.value) < 1e-9);
});

test('a cancelled simulation stops', async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(
    judgePopulation(population(500), { approved: 0.4, declined: 0.2 }, { draws: 60, seed: 3, signal }),
    /cancelled/,
  );
});

test('an incumbent rule is written as SQL over the columns of the application', () => {
  const sql = incumbentRiskSql({
    title: '',
    source: '',
    threeWay: { approved: 0.4, declined: 0.2 },
    rule: {
      kind: 'points',
      items: [
        {
          points: 3,
          when: {
            any: [
              { fact: 'attribute.late', op: '>=', value: 1 },
              { fact: "attribute.o'k", op: 'is_missing' },
            ],
          },
        },
        { points: 1, when: { not: { fact: 'attribute.kind', op: 'in', value: ["it's", 'b'] } } },
      ],
    },
  });
  assert.equal(
    sql,
    `CAST(CASE WHEN (("late" >= 1) OR ("o'k" IS NULL)) THEN 3 ELSE 0 END + CASE WHEN (NOT ("kind" IN ('it''s', 'b'))) THEN 1 ELSE 0 END AS DOUBLE)`,
  );
  assert.throws(
    () => conditionSql({ fact: 'pd', op: '>', value: 1 }),
    /columns of the loan application only.*given: pd/,
  );
});
