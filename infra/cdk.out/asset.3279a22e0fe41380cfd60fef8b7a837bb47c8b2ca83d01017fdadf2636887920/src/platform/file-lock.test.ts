import assert from 'node:assert/strict';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from './file-lock.ts';

const GONE_PID = 2 ** 22 + 1; // above the largest number Linux gives out

test('work under one lock never overlaps, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lock-'));
  let inside = 0;
  const work = async (): Promise<void> => {
    inside++;
    assert.equal(inside, 1);
    await sleep(5);
    inside--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFileLock(join(folder, 'l'), work)));
  assert.deepEqual(await readdir(folder), []);
});

test('a lock whose process is gone is taken over by one of many', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lock-'));
  await writeFile(join(folder, 'l'), String(GONE_PID));
  let inside = 0;
  const work = async (): Promise<void> => {
    inside++;
    assert.equal(inside, 1);
    await sleep(2);
    inside--;
  };
  await Promise.all(Array.from({ length: 4 }, () => withFileLock(join(folder, 'l'), work)));
});

test('failed work gives the lock back', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'assay-lock-')), 'l');
  await assert.rejects(
    withFileLock(path, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await withFileLock(path, async () => 'again'), 'again');
});
