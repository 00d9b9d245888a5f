import type { FraudDefinition } from '../../src/domain/index.ts';

/** What applicants of the bank should not share, and income against what the account received. */
export const fraud: FraudDefinition = {
  links: [
    {
      id: 'device',
      kind: 'device',
      columns: ['device_id'],
      later: true,
      windowDays: 60,
      ordinary: 0,
      weight: 0.6,
      text: 'Same device as applications of other borrowers',
    },
    {
      id: 'email',
      kind: 'email',
      columns: ['email'],
      windowDays: 365,
      ordinary: 0,
      weight: 0.7,
      text: 'Same e-mail address as another borrower',
    },
    {
      id: 'phone',
      kind: 'phone',
      columns: ['phone'],
      windowDays: 365,
      ordinary: 0,
      weight: 0.7,
      text: 'Same telephone number as another borrower',
    },
    {
      id: 'address',
      kind: 'address',
      columns: ['address'],
      windowDays: 90,
      ordinary: 1,
      weight: 0.4,
      text: 'Same address as applications of other borrowers',
    },
    {
      id: 'employer',
      kind: 'employer',
      columns: ['employer', 'amount_minor', 'term_months'],
      windowDays: 30,
      ordinary: 0,
      weight: 0.4,
      later: true,
      text: 'Same employer, amount and term as other recent applications',
    },
    {
      id: 'employer-burst',
      kind: 'employer',
      columns: ['employer'],
      burst: true,
      windowDays: 30,
      ordinary: 2,
      weight: 0.3,
      // so does an offer to the staff
      most: 0.4,
      text: 'More applications of one employer within a month than is usual for it',
    },
  ],
  income: {
    column: 'declared_income_minor',
    evidenceFeature: 'income_monthly',
    usual: ['amount_minor', 'employer'],
  },
};
