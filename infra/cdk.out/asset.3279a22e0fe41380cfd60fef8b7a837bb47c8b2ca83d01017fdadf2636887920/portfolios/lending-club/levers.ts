import type { Lever } from '../../src/domain/index.ts';

/** The loan asked for, and balances that can be paid back. */
export const levers: readonly Lever[] = [
  {
    id: 'amount',
    kind: 'request',
    on: { column: 'amount_minor' },
    direction: 'lower',
    limit: 100_000,
    step: 2_500,
    advice: 'Ask for a smaller amount',
  },
  {
    id: 'shorter',
    kind: 'request',
    on: { column: 'term_months' },
    direction: 'lower',
    limit: 36,
    step: 12,
    advice: 'Ask for a shorter term',
  },
  {
    id: 'utilization',
    kind: 'conduct',
    on: { column: 'revolving_utilization' },
    direction: 'lower',
    limit: 0,
    step: 0.01,
    overDays: 60,
    advice: 'Pay back revolving balances, to a smaller share of their limits',
  },
];
