import type { Arithmetic, FeatureCatalog, FeatureDefinition, ReasonText } from '../../src/domain/index.ts';
import { define } from '../../src/features/index.ts';
import { MONTHS } from './months.ts';

const { add, attribute, categorical, constant, derived, divide, feature, numeric, subtract } = define;

const DELAY: ReasonText = { code: 'DLY1', text: 'Payments on the card late' };
const USE: ReasonText = { code: 'UTL1', text: 'Card balance too high for the limit' };
const PAID: ReasonText = { code: 'PAY1', text: 'Too little of the balance paid back' };
const LIMIT: ReasonText = { code: 'LIM1', text: 'Credit limit' };
const EDUCATION: ReasonText = { code: 'EDU1', text: 'Education stated' };
const NOT_MISSING = 'never missing';
const NO_LIMIT = 'a limit of zero';

const cents = { unit: 'minor units', nullMeaning: NOT_MISSING } as const;

const monthly: FeatureDefinition[] = MONTHS.flatMap(({ name, title }) => [
  numeric(`delay_${name}`, attribute(`delay_${name}`), {
    title: `Months behind, ${title}`,
    unit: 'months; -2 not used, -1 paid in full, 0 revolving',
    nullMeaning: NOT_MISSING,
    reason: DELAY,
  }),
  numeric(`bill_${name}`, attribute(`bill_${name}_minor`), { title: `Statement, ${title}`, ...cents, reason: USE }),
  numeric(`paid_${name}`, attribute(`paid_${name}_minor`), {
    title: `Paid, ${title}`,
    ...cents,
    reason: PAID,
    monotone: 'decreasing',
  }),
  numeric(`utilization_${name}`, derived(divide(feature(`bill_${name}`), feature('credit_limit'))), {
    title: `Statement over limit, ${title}`,
    unit: 'ratio',
    nullMeaning: NO_LIMIT,
    reason: USE,
  }),
]);

const behind = (name: string): Arithmetic => ({ op: 'greatest', left: feature(`delay_${name}`), right: constant(0) });
const chain = (parts: readonly Arithmetic[], join: (left: Arithmetic, right: Arithmetic) => Arithmetic): Arithmetic =>
  parts.reduce((left, right) => join(left, right));

export const features: FeatureCatalog = {
  features: [
    numeric('credit_limit', attribute('amount_minor'), {
      title: 'Credit limit',
      ...cents,
      reason: LIMIT,
      monotone: 'decreasing',
    }),
    categorical('education', attribute('education'), {
      title: 'Education',
      unit: 'category',
      nullMeaning: 'not stated',
      reason: EDUCATION,
    }),
    ...monthly,
    numeric(
      'months_behind_total',
      derived(
        chain(
          MONTHS.map(({ name }) => behind(name)),
          add,
        ),
      ),
      {
        title: 'Months behind, summed over six statements',
        unit: 'months',
        nullMeaning: NOT_MISSING,
        reason: DELAY,
        monotone: 'increasing',
      },
    ),
    numeric(
      'months_behind_worst',
      derived(
        chain(
          MONTHS.map(({ name }) => behind(name)),
          (left, right) => ({ op: 'greatest', left, right }),
        ),
      ),
      {
        title: 'Most months behind in six statements',
        unit: 'months',
        nullMeaning: NOT_MISSING,
        reason: DELAY,
        monotone: 'increasing',
      },
    ),
    numeric(
      'paid_total',
      derived(
        chain(
          MONTHS.map(({ name }) => feature(`paid_${name}`)),
          add,
        ),
      ),
      {
        title: 'Paid in six months',
        ...cents,
        reason: PAID,
        monotone: 'decreasing',
      },
    ),
    numeric('paid_to_limit', derived(divide(feature('paid_total'), feature('credit_limit'))), {
      title: 'Paid in six months over limit',
      unit: 'ratio',
      nullMeaning: NO_LIMIT,
      reason: PAID,
      monotone: 'decreasing',
    }),
    numeric('paid_to_bill_september', derived(divide(feature('paid_september'), feature('bill_august'))), {
      title: 'Paid in September over the August statement',
      unit: 'ratio',
      nullMeaning: 'an August statement of zero',
      reason: PAID,
    }),
    numeric('utilization_change', derived(subtract(feature('utilization_september'), feature('utilization_april'))), {
      title: 'Change of statement over limit, April to September',
      unit: 'ratio',
      nullMeaning: NO_LIMIT,
      reason: USE,
    }),
  ],
};
