import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapConcurrently } from './map-concurrently.ts';

test('keeps the order of the items, and never does more at a time than allowed', async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently([3, 1, 2, 0, 1], 2, async (item, index) => {
    most = Math.max(most, ++running);
    await sleep(item);
    running--;
    return `${index}:${item}`;
  });
  assert.deepEqual(results, ['0:3', '1:1', '2:2', '3:0', '4:1']);
  assert.equal(most, 2);
  assert.deepEqual(await mapConcurrently([], 2, async () => 1), []);
});

test('a failure begins nothing new, waits for what runs, and is thrown', async () => {
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    await sleep(item);
    if (item === 1) throw new Error('one');
    ended.push(item);
  };
  await assert.rejects(mapConcurrently([20, 1, 2, 3], 2, work), /one/);
  assert.deepEqual(ended, [20]);
});
