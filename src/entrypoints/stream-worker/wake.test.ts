import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wake } from './wake.ts';

const LONG_MS = 60_000;
const never = new AbortController().signal;

test('a wait ends when something happens, and at once when it happened before', async () => {
  const wake = new Wake();
  const waiting = wake.wait(LONG_MS, never);
  wake.fire();
  await waiting;
  wake.fire();
  await wake.wait(LONG_MS, never);
  await wake.wait(1, never);
});

test('a wait ends when it is stopped', async () => {
  const stop = new AbortController();
  const waiting = new Wake().wait(LONG_MS, stop.signal);
  stop.abort();
  await waiting;
  await new Wake().wait(LONG_MS, stop.signal);
});

test('each happening ends one wait', async () => {
  const wake = new Wake();
  wake.fire();
  wake.fire();
  await wake.wait(LONG_MS, never);
  const after = await Promise.race([wake.wait(20, never).then(() => 'by itself'), Promise.resolve('at once')]);
  assert.equal(after, 'at once');
});
