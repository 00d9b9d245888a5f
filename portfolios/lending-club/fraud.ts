import type { FraudDefinition } from '../../src/domain/index.ts';

/**
 * The file has no contact data: an identity is what few people share (oldest credit line, credit lines ever, three digits of the
 * postal code), and rings show in what they ask for. Dates are months, so windows are too.
 */
export const fraud: FraudDefinition = {
  links: [
    {
      id: 'identity',
      kind: 'identity',
      columns: ['earliest_credit_line_on', 'total_lines', 'open_lines', 'zip3', 'revolving_balance_minor'],
      // the same file with the same employer is a borrower who came back
      differs: ['employer_key'],
      windowDays: 365,
      ordinary: 0,
      weight: 0.9,
      text: 'Same credit file as an application of another borrower',
    },
    {
      id: 'near-identity',
      kind: 'identity',
      columns: ['earliest_credit_line_on', 'total_lines', 'open_lines', 'zip3', 'revolving_balance_minor'],
      allButOne: true,
      differs: ['employer_key'],
      windowDays: 365,
      ordinary: 0,
      weight: 0.7,
      text: 'Credit file like that of another borrower but for one thing',
    },
    {
      id: 'workplace',
      kind: 'employer',
      columns: ['employer_key', 'zip3'],
      windowDays: 31,
      ordinary: 0,
      weight: 0.5,
      text: 'Same employer and place as other applications of the month',
    },
    {
      id: 'employer-burst',
      kind: 'employer',
      columns: ['employer_key'],
      burst: true,
      windowDays: 31,
      ordinary: 2,
      weight: 0.3,
      // so do a pay rise and an offer to the staff
      most: 0.4,
      text: 'More applications of one employer within a month than is usual for it',
    },
    {
      id: 'workplace-burst',
      kind: 'employer',
      columns: ['employer_key', 'zip3'],
      burst: true,
      windowDays: 31,
      ordinary: 1,
      weight: 0.5,
      text: 'More applications of one employer and place within a month than is usual for them',
    },
    {
      id: 'pattern',
      kind: 'pattern',
      columns: ['zip3', 'amount_minor', 'term_months', 'loan_purpose'],
      windowDays: 31,
      ordinary: 0,
      weight: 0.15,
      text: 'Same place, amount, term and purpose as other applications of the month',
    },
  ],
  income: {
    column: 'annual_income_minor',
    usual: [
      'amount_minor',
      'revolving_balance_minor',
      'total_lines',
      'open_lines',
      'revolving_utilization',
      'housing',
      'employment_years',
      'state',
      'loan_purpose',
      'debt_to_income',
      'earliest_credit_line_on',
      'income_verification',
    ],
  },
};
