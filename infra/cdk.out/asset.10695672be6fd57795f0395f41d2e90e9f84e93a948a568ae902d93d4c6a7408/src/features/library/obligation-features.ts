import type { FeatureDefinition, ReasonText } from '../../domain/index.ts';
import {
  add,
  aggregate,
  attribute,
  categorical,
  constant,
  derived,
  divide,
  feature,
  numeric,
  ratio,
  where,
} from './builders.ts';

const BURDEN: ReasonText = { code: 'LON1', text: 'Instalment too high for the income or surplus on the account' };
const AMOUNT: ReasonText = { code: 'LON2', text: 'Loan amount too high for the income or account' };
const TERM: ReasonText = { code: 'LON3', text: 'Length of the loan' };
const PURPOSE: ReasonText = { code: 'LON4', text: 'Purpose of the loan' };
const COMMITMENTS: ReasonText = { code: 'OBL1', text: 'Existing payment obligations too high' };
const PAYMENT_RECORD: ReasonText = { code: 'OBL2', text: 'Late payments on earlier loans with the bank' };

/** The loan asked for, against what the account shows. Needs income, surplus and balance features in the same catalog. */
export function loanFeatures({ purpose }: { readonly purpose: boolean }): FeatureDefinition[] {
  const money = { unit: 'minor units', nullMeaning: 'never missing' };
  return [
    numeric('loan_amount', attribute('amount_minor'), { title: 'Loan amount', ...money, reason: AMOUNT }),
    numeric('loan_term', attribute('term_months'), {
      title: 'Loan term',
      unit: 'months',
      nullMeaning: 'never missing',
      reason: TERM,
    }),
    numeric('loan_instalment', attribute('instalment_minor'), {
      title: 'Instalment a month',
      unit: 'minor units a month',
      nullMeaning: 'not known at application',
      reason: BURDEN,
    }),
    ...(purpose
      ? [
          categorical('loan_purpose', attribute('purpose'), {
            title: 'Purpose',
            unit: 'category',
            nullMeaning: 'not stated',
            reason: PURPOSE,
          }),
        ]
      : []),
    numeric('instalment_to_income', ratio('loan_instalment', 'income_monthly'), {
      title: 'Instalment over income a month',
      unit: 'ratio',
      nullMeaning: 'no income in 180 days',
      reason: BURDEN,
      monotone: 'increasing',
    }),
    numeric(
      'instalment_to_credit',
      derived(divide(feature('loan_instalment'), divide(feature('credit_total_365d'), constant(12)))),
      {
        title: 'Instalment over money received a month, one year',
        unit: 'ratio',
        nullMeaning: 'nothing received in a year',
        reason: BURDEN,
        monotone: 'increasing',
      },
    ),
    numeric('surplus_after_instalment', derived(afterInstalment), {
      title: 'Surplus a month after the instalment, 90 days',
      unit: 'minor units a month',
      nullMeaning: 'instalment not known',
      reason: BURDEN,
      monotone: 'decreasing',
    }),
    numeric('amount_to_income', ratio('loan_amount', 'income_total_365d'), {
      title: 'Loan amount over the income of a year',
      unit: 'ratio',
      nullMeaning: 'no income in a year',
      reason: AMOUNT,
      monotone: 'increasing',
    }),
    numeric('balance_to_instalment', ratio('balance_mean_90d', 'loan_instalment'), {
      title: 'Mean balance of 90 days in instalments',
      unit: 'ratio',
      nullMeaning: 'no transactions in 90 days, or instalment not known',
      reason: BURDEN,
      monotone: 'decreasing',
    }),
  ];
}

const afterInstalment = {
  op: 'subtract',
  left: divide(feature('surplus_90d'), constant(3)),
  right: feature('loan_instalment'),
} as const;

/** Standing orders as of the application: what is promised every month already. */
export function standingOrderFeatures(): FeatureDefinition[] {
  const amount = { column: 'amount_minor' } as const;
  const debts = [where.category('loan_payment', 'leasing')];
  return [
    numeric('standing_order_count', aggregate('standing_orders', { fn: 'count' }), {
      title: 'Standing orders',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: COMMITMENTS,
    }),
    numeric('standing_order_total', aggregate('standing_orders', { fn: 'sum', ...amount }), {
      title: 'Standing orders a month',
      unit: 'minor units a month',
      nullMeaning: 'never missing',
      reason: COMMITMENTS,
    }),
    numeric('standing_order_largest', aggregate('standing_orders', { fn: 'max', ...amount }), {
      title: 'Largest standing order',
      unit: 'minor units a month',
      nullMeaning: 'no standing order',
      reason: COMMITMENTS,
    }),
    numeric('debt_order_total', aggregate('standing_orders', { fn: 'sum', ...amount }, { where: debts }), {
      title: 'Standing orders for loans and leasing a month',
      unit: 'minor units a month',
      nullMeaning: 'never missing',
      reason: COMMITMENTS,
      monotone: 'increasing',
    }),
    numeric(
      'commitments_to_income',
      derived(divide(add(feature('standing_order_total'), feature('loan_instalment')), feature('income_monthly'))),
      {
        title: 'Standing orders and instalment over income a month',
        unit: 'ratio',
        nullMeaning: 'no income in 180 days, or instalment not known',
        reason: COMMITMENTS,
        monotone: 'increasing',
      },
    ),
  ];
}

/** Earlier loans with the same bank and how they were paid. */
export function loanRecordFeatures(): FeatureDefinition[] {
  const late = [{ column: 'days_past_due', op: '>', value: 0 }] as const;
  return [
    numeric('earlier_loans', aggregate('loans', { fn: 'count' }), {
      title: 'Earlier loans with the bank',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: PAYMENT_RECORD,
    }),
    numeric(
      'worst_days_past_due_365d',
      aggregate('loan_performance', { fn: 'max', column: 'days_past_due' }, { windowDays: 365 }),
      {
        title: 'Most days past due on earlier loans, one year',
        unit: 'days',
        nullMeaning: 'no loan running in the last year',
        reason: PAYMENT_RECORD,
        monotone: 'increasing',
      },
    ),
    numeric('late_months_365d', aggregate('loan_performance', { fn: 'count' }, { where: late, windowDays: 365 }), {
      title: 'Months past due on earlier loans, one year',
      unit: 'months',
      nullMeaning: 'never missing',
      reason: PAYMENT_RECORD,
      monotone: 'increasing',
    }),
  ];
}
