import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesInForce, rulesTable } from './index.ts';

test('a place changes on the days its rules begin, and on the day after they end', () => {
  const days = rulesTable({ places: ['DE'] }).map(({ from }) => from);
  for (const day of ['2023-12-07', '2026-11-20', '2027-07-10', '2027-12-02']) assert.ok(days.includes(day), day);
  assert.deepEqual(
    days,
    [...days].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  );
  assert.ok(rulesTable({ places: ['US'] }).some(({ from }) => from === '2026-07-21'));
  assert.ok(!days.includes('2026-07-21'), 'what changes elsewhere is no change here');
});

test('a row says what holds on its day, what it gives and how long records are kept', () => {
  const [before, after] = rulesTable({ places: ['DE'], days: ['2026-11-19', '2026-11-20'] });
  assert.ok(!before!.gives.includes('no_social_network') && after!.gives.includes('no_social_network'));
  assert.equal(after!.kept?.id, 'eu-aml-retention');
  for (const row of rulesTable({})) {
    const day = row.from ?? '1900-01-01';
    assert.deepEqual(
      row.rules.map(({ id }) => id),
      rulesInForce(row.place, day).map(({ id }) => id),
    );
  }
});

test('nothing changes between two rows of a place', () => {
  const rows = rulesTable({ places: ['US-CO'] });
  for (const [i, { from }] of rows.entries()) {
    if (i === 0 || from === null) continue;
    const eve = new Date(Date.parse(from) - 86_400_000).toISOString().slice(0, 10);
    const ids = rulesInForce('US-CO', eve).map(({ id }) => id);
    assert.deepEqual(
      ids,
      rows[i - 1]!.rules.map(({ id }) => id),
      `the day before ${from}`,
    );
  }
});
