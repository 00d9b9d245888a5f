import type { FeatureCatalog, FeatureDefinition, ReasonText } from '../../src/domain/index.ts';
import { define } from '../../src/features/index.ts';

const { add, attribute, constant, derived, divide, feature, numeric, orElse } = define;

const DELINQUENCY: ReasonText = { code: 'DLQ1', text: 'Late payments on the credit file' };
const SERIOUS: ReasonText = { code: 'DLQ3', text: 'Serious delinquency on the credit file' };
const UTILIZATION: ReasonText = { code: 'UTL1', text: 'Revolving balances too high for their limits' };
const DEBT: ReasonText = { code: 'DTI1', text: 'Debt payments too high for the income' };
const INCOME: ReasonText = { code: 'INC1', text: 'Income too low, or not stated' };
const LINES: ReasonText = { code: 'LIN1', text: 'Number of open credit lines and loans' };
const HOUSEHOLD: ReasonText = { code: 'DEP1', text: 'Number of dependents for the income' };
/** Only ever lowers the pd with age (monotone), so that no older applicant scores worse: Reg B, 12 CFR 1002.6(b)(2)(ii). */
const AGE: ReasonText = { code: 'AGE1', text: 'Length of time in which credit could be built up' };

const count = (name: string, title: string, reason: ReasonText): FeatureDefinition =>
  numeric(name, attribute(name), {
    title,
    unit: 'count',
    nullMeaning: 'the bureau gave a code (96 or 98) in place of a count',
    reason,
    monotone: 'increasing',
  });

export const features: FeatureCatalog = {
  features: [
    numeric('revolving_utilization', attribute('revolving_utilization'), {
      title: 'Revolving balances over limits',
      unit: 'ratio',
      nullMeaning: 'never missing; values far above 1 are amounts, not ratios',
      reason: UTILIZATION,
    }),
    count('times_30_59_days_late', 'Times 30 to 59 days late, two years', DELINQUENCY),
    count('times_60_89_days_late', 'Times 60 to 89 days late, two years', DELINQUENCY),
    count('times_90_days_late', 'Times 90 days late or more', SERIOUS),
    numeric('past_due_code', attribute('past_due_code'), {
      title: 'Code of the bureau in place of past-due counts',
      unit: 'code, 0 = none',
      nullMeaning: 'never missing',
      reason: SERIOUS,
    }),
    numeric(
      'times_late',
      derived(
        add(feature('times_30_59_days_late'), add(feature('times_60_89_days_late'), feature('times_90_days_late'))),
      ),
      {
        title: 'Times late, all degrees',
        unit: 'count',
        nullMeaning: 'the bureau gave a code in place of counts',
        reason: DELINQUENCY,
        monotone: 'increasing',
      },
    ),
    numeric('debt_ratio', attribute('debt_ratio'), {
      title: 'Debt payments over income',
      unit: 'ratio; an amount where income is not stated',
      nullMeaning: 'never missing',
      reason: DEBT,
    }),
    numeric('monthly_income', attribute('monthly_income_minor'), {
      title: 'Income a month',
      unit: 'minor units',
      nullMeaning: 'not stated',
      reason: INCOME,
    }),
    numeric(
      'monthly_debt',
      derived({ op: 'multiply', left: feature('debt_ratio'), right: feature('monthly_income') }),
      {
        title: 'Debt payments a month',
        unit: 'minor units',
        nullMeaning: 'income not stated',
        reason: DEBT,
      },
    ),
    numeric(
      'income_per_head',
      derived(divide(feature('monthly_income'), add(constant(1), orElse(feature('dependents'), constant(0))))),
      {
        title: 'Income a month for each head of the household',
        unit: 'minor units',
        nullMeaning: 'income not stated',
        reason: HOUSEHOLD,
      },
    ),
    numeric('open_credit_lines', attribute('open_credit_lines'), {
      title: 'Open credit lines and loans',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: LINES,
    }),
    numeric('real_estate_loans', attribute('real_estate_loans'), {
      title: 'Real estate loans or lines',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: LINES,
    }),
    numeric('dependents', attribute('dependents'), {
      title: 'Dependents',
      unit: 'count',
      nullMeaning: 'not stated',
      reason: HOUSEHOLD,
    }),
    numeric('age', attribute('age'), {
      title: 'Age',
      unit: 'years',
      nullMeaning: 'not known',
      reason: AGE,
      monotone: 'decreasing',
    }),
  ],
};
