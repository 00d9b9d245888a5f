import type { Lever } from '../../src/domain/index.ts';

/** What an applicant of the bank can move: the loan asked for, and debts that can be paid back or spending that can stop. */
export const levers: readonly Lever[] = [
  {
    id: 'amount',
    kind: 'request',
    on: { column: 'amount_minor' },
    direction: 'lower',
    limit: 100_000,
    step: 10_000,
    advice: 'Ask for a smaller amount',
  },
  {
    id: 'longer',
    kind: 'request',
    on: { column: 'term_months' },
    direction: 'higher',
    limit: 84,
    step: 12,
    advice: 'Ask for a longer term, with a smaller instalment',
  },
  {
    id: 'shorter',
    kind: 'request',
    on: { column: 'term_months' },
    direction: 'lower',
    limit: 12,
    step: 12,
    advice: 'Ask for a shorter term',
  },
  {
    id: 'debts',
    kind: 'conduct',
    on: { feature: 'debt_order_total' },
    direction: 'lower',
    limit: 0,
    step: 1_000,
    also: ['standing_order_total'],
    overDays: 30,
    advice: 'Pay back other loans or leasing, so that their standing orders end',
  },
  {
    id: 'overdrawn',
    kind: 'conduct',
    on: { feature: 'overdrawn_months_365d' },
    direction: 'lower',
    limit: 0,
    step: 1,
    overDays: 365,
    advice: 'Keep the account out of overdraft',
  },
];
