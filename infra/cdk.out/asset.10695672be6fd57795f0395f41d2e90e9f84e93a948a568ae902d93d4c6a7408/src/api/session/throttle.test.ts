import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../../platform/index.ts';
import { SignInThrottle } from './throttle.ts';

test('five failures for one name make it wait, a success forgets them, time lifts it', () => {
  const clock = fixedClock('2026-01-01T00:00:00Z');
  const throttle = new SignInThrottle(clock);
  for (let guess = 0; guess < 5; guess++) {
    assert.equal(throttle.waitSeconds('ann', '1'), 0);
    throttle.failed('ann', '1');
  }
  assert.equal(throttle.waitSeconds('ann', '2'), 900);
  assert.equal(throttle.waitSeconds('bob', '1'), 0);
  clock.advance(15 * 60_000 + 1);
  assert.equal(throttle.waitSeconds('ann', '1'), 0);
  throttle.failed('ann', '1');
  throttle.succeeded('ann');
  for (let guess = 0; guess < 4; guess++) throttle.failed('ann', '1');
  assert.equal(throttle.waitSeconds('ann', '1'), 0);
});

test('one address that tries many names waits too, and a flood of names does not fill memory', () => {
  const throttle = new SignInThrottle(fixedClock('2026-01-01T00:00:00Z'));
  for (let name = 0; name < 30; name++) throttle.failed(`user${name}`, '9');
  assert.ok(throttle.waitSeconds('someone', '9') > 0);
  for (let name = 0; name < 20_000; name++) throttle.failed(`flood${name}`, `address${name}`);
  assert.equal(throttle.waitSeconds('someone', '10'), 0);
});
