import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError } from '../domain/index.ts';
import { clockOf, systemClock } from './clock.ts';

const test1 = (setting: string) => clockOf({ ASSAY_TEST: '1', ASSAY_TEST_CLOCK: setting });
const hoursAhead = (now: Date): number => Math.round((now.getTime() - systemClock.now().getTime()) / 3_600_000);

test('the clock is the system’s unless a test says otherwise', () => {
  assert.equal(clockOf({}), systemClock);
  assert.throws(
    () => clockOf({ ASSAY_TEST_CLOCK: '-3600' }),
    (error) => error instanceof AssayError && /tests only/.test(error.message),
  );
});

test('a test clock stands still, or is ahead or behind', () => {
  assert.equal(test1('2026-03-29T00:59:59Z').now().toISOString(), '2026-03-29T00:59:59.000Z');
  assert.equal(hoursAhead(test1('-7200').now()), -2);
  assert.equal(hoursAhead(test1('+86400').now()), 24);
  assert.throws(() => test1('tomorrow'), /not usable/);
});

test('a test clock in a file jumps as the file changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-clock-'));
  try {
    const file = join(folder, 'clock');
    await writeFile(file, '+3600\n');
    const clock = test1(`@${file}`);
    assert.equal(hoursAhead(clock.now()), 1);
    await writeFile(file, '-3600\n');
    await sleep(100);
    assert.equal(hoursAhead(clock.now()), -1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
