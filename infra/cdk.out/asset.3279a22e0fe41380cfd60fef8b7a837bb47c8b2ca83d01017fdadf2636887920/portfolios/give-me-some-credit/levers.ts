import type { Lever } from '../../src/domain/index.ts';

/** The file has no loan that could be asked for otherwise; what moves with time is the use of limits and the debt. */
export const levers: readonly Lever[] = [
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
  {
    id: 'debt',
    kind: 'conduct',
    on: { column: 'debt_ratio' },
    direction: 'lower',
    limit: 0,
    step: 0.01,
    overDays: 60,
    advice: 'Pay back debts, to a smaller share of income',
  },
];
