import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesInForce } from '../../domain/index.ts';
import { dutiesOf, dutyOfReview, urgencyOf } from './duty.ts';

const US = rulesInForce('US', '2026-11-25');
const DE = rulesInForce('DE', '2026-11-25');
const decided = { decidedOn: '2026-11-25', isIncomplete: false, isPricedByRisk: false } as const;

test('the day is set by the rules of the place: thirty days in the US, at once for a rejection in the EU', () => {
  assert.equal(dutiesOf({ ...decided, outcome: 'declined' }, US)[0]?.dueOn, '2026-12-25');
  assert.equal(dutiesOf({ ...decided, outcome: 'declined' }, DE)[0]?.dueOn, '2026-11-25');
  assert.equal(dutiesOf({ ...decided, outcome: 'counter_offer' }, US)[0]?.dueOn, '2026-12-25');
});

test('an approval is told only where its price must be explained; an incomplete application twice', () => {
  assert.deepEqual(dutiesOf({ ...decided, outcome: 'approved' }, US), []);
  const priced = dutiesOf({ ...decided, outcome: 'approved', isPricedByRisk: true }, US);
  assert.deepEqual([priced.length, priced[0]?.kind], [1, 'risk_based_pricing']);
  const incomplete = dutiesOf({ ...decided, outcome: 'referred', isIncomplete: true }, US);
  assert.deepEqual(
    incomplete.map(({ about, kind, state }) => [about, kind, state]),
    [
      ['decision', 'incomplete', 'due'],
      ['review', 'under_review', 'waits'],
    ],
  );
});

test('a person’s answer is due from the application on; of a contested decision, from the second look', () => {
  const review = { outcome: 'declined', receivedOn: '2026-11-25', decidedOn: '2026-12-10' } as const;
  assert.equal(dutyOfReview({ ...review, isContested: false }, US).dueOn, '2026-12-25');
  assert.equal(dutyOfReview({ ...review, isContested: true }, US).dueOn, '2027-01-09');
  assert.equal(dutyOfReview({ ...review, isContested: false }, DE).dueOn, '2026-12-10');
});

test('urgency counts whole days', () => {
  assert.deepEqual(
    ['2026-11-30', '2026-12-01', '2026-12-08', '2026-12-09', null].map((due) => urgencyOf(due, '2026-12-01')),
    ['overdue', 'urgent', 'urgent', 'in_time', 'in_time'],
  );
});
