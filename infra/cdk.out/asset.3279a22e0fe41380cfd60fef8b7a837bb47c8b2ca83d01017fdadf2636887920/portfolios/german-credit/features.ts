import type { FeatureCatalog, FeatureDefinition, ReasonText } from '../../src/domain/index.ts';
import { define } from '../../src/features/index.ts';

const { attribute, categorical, derived, divide, feature, numeric } = define;

const reason = (code: string, text: string): ReasonText => ({ code, text });
const NOT_MISSING = 'never missing';

const coded = (name: string, title: string, why: ReasonText): FeatureDefinition =>
  categorical(name, attribute(name), { title, unit: 'category', nullMeaning: NOT_MISSING, reason: why });

const number = (
  name: string,
  column: string,
  title: string,
  unit: string,
  why: ReasonText,
  monotone?: FeatureDefinition['monotone'],
): FeatureDefinition =>
  numeric(name, attribute(column), {
    title,
    unit,
    nullMeaning: NOT_MISSING,
    reason: why,
    ...(monotone && { monotone }),
  });

/** Personal status with sex and foreign worker are protected and stay out; age may only ever help those who are older. */
export const features: FeatureCatalog = {
  features: [
    coded('checking_account', 'Checking account', reason('CHK1', 'Balance of the checking account')),
    number('loan_term', 'term_months', 'Term', 'months', reason('TERM', 'Length of the loan'), 'increasing'),
    coded('credit_history', 'Credit history', reason('HIS1', 'Payment record on earlier credits')),
    coded('purpose', 'Purpose', reason('PUR1', 'Purpose of the loan')),
    number('loan_amount', 'amount_minor', 'Loan amount', 'minor units', reason('AMOUNT', 'Loan amount')),
    coded('savings', 'Savings', reason('SAV1', 'Savings too low or not known')),
    coded('employment', 'In present employment', reason('EMP1', 'Time in present employment too short')),
    number(
      'instalment_rate_class',
      'instalment_rate_class',
      'Instalment over disposable income, class 1 to 4',
      'class',
      reason('LON1', 'Instalment too high for the income'),
      'increasing',
    ),
    coded('other_debtors', 'Other debtors or guarantors', reason('GUA1', 'No guarantor')),
    number(
      'residence_years_class',
      'residence_years_class',
      'At present residence, class 1 to 4',
      'class',
      reason('RES1', 'Time at present residence'),
    ),
    coded('property', 'Property', reason('PRO1', 'No property as security')),
    number(
      'age',
      'age',
      'Age',
      'years',
      reason('AGE1', 'Length of time in which credit could be built up'),
      'decreasing',
    ),
    coded('other_instalment_plans', 'Other instalment plans', reason('OTH1', 'Instalment plans elsewhere')),
    coded('housing', 'Housing', reason('HOU1', 'Housing situation')),
    number(
      'credits_here',
      'credits_here',
      'Credits at this bank',
      'count',
      reason('CRE1', 'Number of credits with this bank'),
    ),
    coded('job', 'Job', reason('JOB1', 'Kind of work')),
    number('dependents', 'dependents', 'Persons to maintain', 'count', reason('DEP1', 'Number of dependents')),
    coded('telephone', 'Telephone', reason('TEL1', 'No registered telephone')),
    numeric('amount_per_month', derived(divide(feature('loan_amount'), feature('loan_term'))), {
      title: 'Amount over term',
      unit: 'minor units a month',
      nullMeaning: NOT_MISSING,
      reason: reason('LON1', 'Instalment too high for the income'),
    }),
  ],
};
