import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decisionTime } from './decision-time.ts';

const NOW = new Date('2026-03-29T01:30:00.123Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const live = { aheadMs: 0 };
const ended = { aheadMs: 400 * DAY };
const facts = (milliseconds: number[], appliedAt: Date | null = NOW) => ({
  streamedMicroseconds: milliseconds.map((value) => value * 1000),
  appliedAt,
});
const at = (request: Parameters<typeof decisionTime>[0]): number => decisionTime(request).getTime() - NOW.getTime();

test('a live lender decides as of now', () => {
  assert.equal(at({ book: live, facts: facts([], null), now: NOW }), 0);
  assert.equal(at({ book: live, facts: facts([NOW.getTime() - 5]), now: NOW }), 0);
});

test('a fact of this very millisecond is seen', () => {
  assert.equal(at({ book: live, facts: facts([NOW.getTime()]), now: NOW }), 1);
  const within = { streamedMicroseconds: [NOW.getTime() * 1000 + 999], appliedAt: NOW };
  assert.equal(at({ book: live, facts: within, now: NOW }), 1);
});

test('a fact of the future waits for its time, however near', () => {
  assert.equal(at({ book: live, facts: facts([NOW.getTime() + 1, NOW.getTime() + DAY]), now: NOW }), 0);
});

test('the clock went back since a fact was applied: it is still seen', () => {
  const before = new Date(NOW.getTime() + HOUR);
  assert.equal(at({ book: live, facts: facts([before.getTime()], before), now: NOW }), HOUR + 1);
});

test('a book that ended goes on in its own time; a fact with a later time of its own moves its borrower there', () => {
  assert.equal(at({ book: ended, facts: facts([], null), now: NOW }), -400 * DAY);
  assert.equal(at({ book: ended, facts: facts([NOW.getTime() - 400 * DAY]), now: NOW }), 1 - 400 * DAY);
  assert.equal(at({ book: ended, facts: facts([NOW.getTime() - 3 * DAY]), now: NOW }), 1 - 3 * DAY);
});

test('every applied fact of up to now lies before it, none of after now does, and it never goes back', () => {
  const offset = fc.integer({ min: -500 * DAY, max: 500 * DAY });
  fc.assert(
    fc.property(fc.array(offset), fc.array(offset), fc.nat(600 * DAY), (streamed, later, aheadMs) => {
      const moments = streamed.map((value) => NOW.getTime() + value);
      const decided = decisionTime({ book: { aheadMs }, facts: facts(moments), now: NOW });
      for (const moment of moments)
        assert.equal(moment < decided.getTime(), moment <= NOW.getTime() || moment < decided.getTime());
      for (const moment of moments) if (moment > NOW.getTime()) assert.ok(decided.getTime() <= moment);
      const more = facts([...moments, ...later.map((value) => NOW.getTime() + value)]);
      assert.ok(decisionTime({ book: { aheadMs }, facts: more, now: NOW }) >= decided);
    }),
  );
});
