/**
 * Walks a lender through a few hundred steps on which things go wrong by a seed (bench/faults): crashes between any two commits,
 * repeats, disorder, contradictions, workers taken over, torn files, a clock that jumps. What must hold holds; the same seed does the
 * same; and each bug that is planted is found, so that a check that sees nothing would show. Not here: kills of PostgreSQL and of
 * processes (bench/ingest-kills.ts), many seeds (bench/seeded-faults.ts).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BUGS } from '../../bench/faults/bugs.ts';
import { type Bench, openBench, runSeed } from '../../bench/faults/run.ts';

const STEPS = 220;
const TRIES = 4;

let bench: Bench;
before(async () => {
  bench = await openBench();
});
after(() => bench?.close());

test('nothing is lost, doubled or torn, and one seed is one story', async () => {
  const once = await runSeed(bench, 11, STEPS);
  assert.deepEqual(once.broken, []);
  const again = await runSeed(bench, 11, STEPS);
  assert.equal(again.trace, once.trace);
  const other = await runSeed(bench, 12, STEPS);
  assert.deepEqual(other.broken, []);
  assert.notEqual(other.trace, once.trace);
});

for (const bug of BUGS) {
  test(`found: ${bug.name}`, async () => {
    for (let seed = 1; seed <= TRIES; seed++) {
      if ((await runSeed(bench, seed, STEPS, bug)).broken.length > 0) return;
    }
    assert.fail(`${TRIES} seeds of ${STEPS} steps saw nothing`);
  });
}
