import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openThreadBudget } from './thread-budget.ts';

test('lends no more threads than there are, in the order asked, and takes them back after a failure', async () => {
  const budget = openThreadBudget(3);
  let used = 0;
  const begun: string[] = [];
  const job = (name: string, threads: number, fails = false) =>
    budget.with(threads, async () => {
      begun.push(name);
      used += Math.min(3, threads);
      assert.ok(used <= 3, `${name}: ${used} threads`);
      await sleep(2);
      used -= Math.min(3, threads);
      if (fails) throw new Error(name);
    });
  const all = await Promise.allSettled([job('a', 2), job('b', 2, true), job('c', 1), job('all', 99), job('d', 1)]);
  assert.deepEqual(begun, ['a', 'b', 'c', 'all', 'd']);
  assert.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
});
