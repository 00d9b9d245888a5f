import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TraceEntry } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';
import { reviewerReports } from './alarms.ts';
import { lentReports } from './lent-cases.ts';
import { priorityMinor } from './priority.ts';
import { leanOf, needsSecondPerson, overrideOf } from './review.ts';

test('priority is what perfect information is worth: the example, nothing at both ends, most where both mistakes cost the same', () => {
  const loan = { amountMinor: 1_000_000, termMonths: 24, annualRatePercent: 12 };
  assert.equal(priorityMinor({ ...loan, pd: 0.1 }), 45_000);
  assert.deepEqual([priorityMinor({ ...loan, pd: 0 }), priorityMinor({ ...loan, pd: 1 })], [0, 0]);
  assert.equal(priorityMinor({ ...loan, amountMinor: null, pd: 0.1 }), 0);
  // pd * 0.45 = (1 - pd) * 0.12
  const peak = 0.12 / 0.57;
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (pd) => {
      assert.ok(priorityMinor({ ...loan, pd }) <= priorityMinor({ ...loan, pd: peak }));
    }),
  );
});

const entry = (kind: TraceEntry['kind'], outcome: TraceEntry['outcome'], fired = true) => ({ kind, outcome, fired });
const bodyWith = (...trace: object[]) => ({ result: { trace } }) as unknown as DecisionBody;

test('the lean leaves referrals and missing data out', () => {
  assert.equal(leanOf(bodyWith(entry('referral', 'referred'), entry('mandatory_data', 'referred'))), 'approved');
  assert.equal(leanOf(bodyWith(entry('referral', 'referred'), entry('cut_off', 'declined'))), 'declined');
  assert.equal(leanOf(bodyWith(entry('limit', 'counter_offer'), entry('cut_off', 'declined', false))), 'counter_offer');
});

test('lending against the policy, large amounts and one’s own applications need a second person', () => {
  assert.deepEqual([overrideOf('declined', 'approved'), overrideOf('approved', 'declined')], ['high', 'low']);
  assert.equal(overrideOf('approved', 'approved'), 'none');
  const plain = { needsSecond: false, lean: 'approved', submittedBy: 'ann' } as const;
  assert.equal(needsSecondPerson(plain, { outcome: 'approved' }, 'bob'), false);
  assert.equal(needsSecondPerson(plain, { outcome: 'declined' }, 'bob'), false);
  assert.equal(needsSecondPerson(plain, { outcome: 'approved' }, 'ann'), true);
  assert.equal(needsSecondPerson({ ...plain, needsSecond: true }, { outcome: 'declined' }, 'bob'), true);
  assert.equal(needsSecondPerson({ ...plain, lean: 'declined' }, { outcome: 'counter_offer' }, 'bob'), true);
});

test('outcomes come back to those who lent: what is not known yet counts for nobody', () => {
  const one = { reviewer: 'ada', code: 'INCOME_VERIFIED', override: 'none', pd: 0.1 } as const;
  const cases = [
    { ...one, applicationId: 'a' },
    { ...one, applicationId: 'b', pd: 0.3 },
    { ...one, applicationId: 'c', override: 'high' as const },
    { ...one, applicationId: 'd', reviewer: 'bob' },
  ];
  const reports = lentReports(
    cases,
    new Map([
      ['a', true],
      ['b', false],
    ]),
  );
  const of = (name: string) => reports.find((report) => report.name === name)!;
  const { badRate, ...ada } = of('ada');
  assert.deepEqual(ada, { by: 'reviewer', name: 'ada', lent: 3, known: 2, defaulted: 1, meanPd: 0.2 });
  assert.ok(badRate!.value === 0.5 && badRate!.lower > 0.05 && badRate!.upper < 0.95);
  assert.deepEqual(of('bob'), {
    by: 'reviewer',
    name: 'bob',
    lent: 1,
    known: 0,
    defaulted: 0,
    badRate: null,
    meanPd: null,
  });
  assert.deepEqual([of('high').known, of('none').known, of('INCOME_VERIFIED').lent], [0, 2, 4]);
});

test('who answers in seconds, or always the same, raises an alarm; who answers rarely does not', () => {
  const answers = (by: string, count: number, dwellMs: number, mixed: boolean) =>
    Array.from({ length: count }, (_, index) => ({
      by,
      dwellMs,
      outcome: mixed && index % 3 === 0 ? ('declined' as const) : ('approved' as const),
    }));
  const reports = reviewerReports([
    ...answers('careful', 30, 180_000, true),
    ...answers('quick', 12, 4_000, true),
    ...answers('stamp', 25, 90_000, false),
    ...answers('new', 9, 1_000, false),
  ]);
  assert.deepEqual(
    reports.map(({ reviewer, alarms }) => [reviewer, alarms]),
    [
      ['careful', []],
      ['new', []],
      ['quick', ['too_quick']],
      ['stamp', ['always_the_same']],
    ],
  );
  assert.equal(reports[0]?.medianDwellMs, 180_000);
});
