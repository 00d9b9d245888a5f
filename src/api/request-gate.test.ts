import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from './errors.ts';
import { MAX_IN_FLIGHT, RequestGate } from './request-gate.ts';

const isBusy = (error: unknown): boolean =>
  error instanceof HttpError && error.status === 503 && error.headers['retry-after'] === '1';

test('what is beyond the limit is refused until something ends; pages do not wait for decisions', () => {
  const gate = new RequestGate();
  const leave = Array.from({ length: MAX_IN_FLIGHT.deciding }, (_, i) =>
    gate.enter(i % 2 === 0 ? 'createApplication' : 'createScores'),
  );
  assert.throws(() => gate.enter('createApplication'), isBusy);
  gate.enter('getOverview')();
  leave[0]?.();
  leave[0]?.();
  assert.equal(gate.deciding, MAX_IN_FLIGHT.deciding - 1);
  const last = gate.enter('createScores');
  assert.throws(() => gate.enter('createScores'), isBusy);
  for (const end of [last, ...leave]) end();
  assert.equal(gate.deciding, 0);
});
