import type { Condition, FeatureDefinition, ReasonText } from '../../domain/index.ts';
import {
  aggregate,
  categorical,
  constant,
  derived,
  divide,
  feature,
  numeric,
  ratio,
  subtract,
  where,
} from './builders.ts';

const MONEY_IN: ReasonText = { code: 'INC1', text: 'Income or other money received on the account too low' };
const IRREGULAR: ReasonText = { code: 'INC2', text: 'Income irregular, falling or not received recently' };
const SPENDING: ReasonText = { code: 'SPD1', text: 'Spending too high for the money received' };
const RISING: ReasonText = { code: 'SPD2', text: 'Spending has been rising' };
const CASH: ReasonText = { code: 'SPD3', text: 'Share of cash withdrawals in spending too high' };
const GAMBLING: ReasonText = { code: 'SPD4', text: 'Gambling payments on the account' };
const HISTORY: ReasonText = { code: 'HIS1', text: 'Too little account history or activity' };
const PATTERN: ReasonText = { code: 'HIS2', text: 'Way the account is used' };

const SOURCE = 'transactions';
const none = (days: number): string => `no transactions in the last ${days} days`;

/** Money in and out, their size and direction. */
export function flowFeatures(): FeatureDefinition[] {
  const total = (name: string, condition: Condition, title: string, reason: ReasonText) =>
    [30, 90, 180, 365].map((windowDays) =>
      numeric(
        `${name}_total_${windowDays}d`,
        aggregate(SOURCE, { fn: 'sum_absolute', column: 'amount_minor' }, { where: [condition], windowDays }),
        { title: `${title}, ${windowDays} days`, unit: 'minor units', nullMeaning: 'never missing', reason },
      ),
    );
  return [
    ...[30, 90, 365].map((windowDays) =>
      numeric(`transaction_count_${windowDays}d`, aggregate(SOURCE, { fn: 'count' }, { windowDays }), {
        title: `Transactions, ${windowDays} days`,
        unit: 'count',
        nullMeaning: 'never missing',
        reason: HISTORY,
      }),
    ),
    ...total('credit', where.credit, 'Money received', MONEY_IN),
    ...total('debit', where.debit, 'Money spent', SPENDING),
    ...[90, 365].flatMap(surplusFeatures),
    numeric(
      'credit_mean_365d',
      aggregate(SOURCE, { fn: 'mean', column: 'amount_minor' }, { where: [where.credit], windowDays: 365 }),
      {
        title: 'Mean amount received, one year',
        unit: 'minor units',
        nullMeaning: 'nothing received in the last year',
        reason: MONEY_IN,
      },
    ),
    numeric(
      'debit_stddev_90d',
      aggregate(SOURCE, { fn: 'stddev', column: 'amount_minor' }, { where: [where.debit], windowDays: 90 }),
      {
        title: 'Spread of amounts spent, 90 days',
        unit: 'minor units',
        nullMeaning: 'fewer than two payments in the last 90 days',
        reason: SPENDING,
      },
    ),
    numeric(
      'debit_largest_90d',
      aggregate(SOURCE, { fn: 'min', column: 'amount_minor' }, { where: [where.debit], windowDays: 90 }),
      {
        title: 'Largest amount spent, 90 days (below zero)',
        unit: 'minor units',
        nullMeaning: 'nothing spent in the last 90 days',
        reason: SPENDING,
      },
    ),
    ...trend('debit', where.debit, 'Spending of the last 90 days over the 90 before', RISING),
    ...trend('credit', where.credit, 'Money received in the last 90 days over the 90 before', IRREGULAR),
  ];
}

function surplusFeatures(windowDays: number): FeatureDefinition[] {
  const [credit, debit] = [`credit_total_${windowDays}d`, `debit_total_${windowDays}d`];
  return [
    numeric(`surplus_${windowDays}d`, derived(subtract(feature(credit), feature(debit))), {
      title: `Money received less money spent, ${windowDays} days`,
      unit: 'minor units',
      nullMeaning: 'never missing',
      reason: SPENDING,
      monotone: 'decreasing',
    }),
    numeric(`spending_to_credit_${windowDays}d`, ratio(debit, credit), {
      title: `Money spent over money received, ${windowDays} days`,
      unit: 'ratio',
      nullMeaning: `nothing received in the last ${windowDays} days`,
      reason: SPENDING,
      monotone: 'increasing',
    }),
  ];
}

/** The last 90 days against the 90 days before them. */
function trend(name: string, condition: Condition, title: string, reason: ReasonText): FeatureDefinition[] {
  const older = `${name}_total_90d_prior`;
  return [
    numeric(
      older,
      aggregate(
        SOURCE,
        { fn: 'sum_absolute', column: 'amount_minor' },
        { where: [condition], windowDays: 90, offsetDays: 90 },
      ),
      {
        title: `${name === 'debit' ? 'Money spent' : 'Money received'}, 180 to 90 days ago`,
        unit: 'minor units',
        nullMeaning: 'never missing',
        reason,
      },
    ),
    numeric(`${name}_trend`, ratio(`${name}_total_90d`, older), {
      title,
      unit: 'ratio',
      nullMeaning: 'nothing in the 90 days before the last 90',
      reason,
    }),
  ];
}

/**
 * Regular income: its level, steadiness and freshness. `categories` are the transaction categories that count as income in
 * this book.
 */
export function incomeFeatures({ categories }: { readonly categories: readonly string[] }): FeatureDefinition[] {
  const income = [where.category(...categories), where.credit];
  const amount = { column: 'amount_minor' } as const;
  return [
    ...[90, 180, 365].map((windowDays) =>
      numeric(
        `income_total_${windowDays}d`,
        aggregate(SOURCE, { fn: 'sum', ...amount }, { where: income, windowDays }),
        {
          title: `Income received, ${windowDays} days`,
          unit: 'minor units',
          nullMeaning: 'never missing',
          reason: MONEY_IN,
          monotone: 'decreasing',
        },
      ),
    ),
    numeric('income_monthly', derived(divide(feature('income_total_180d'), constant(6))), {
      title: 'Income a month, mean of 180 days',
      unit: 'minor units a month',
      nullMeaning: 'never missing',
      reason: MONEY_IN,
      monotone: 'decreasing',
    }),
    numeric('income_count_90d', aggregate(SOURCE, { fn: 'count' }, { where: income, windowDays: 90 }), {
      title: 'Incomes received, 90 days',
      unit: 'count',
      nullMeaning: 'never missing',
      reason: IRREGULAR,
    }),
    numeric(
      'income_months_365d',
      aggregate(SOURCE, { fn: 'count_distinct_months' }, { where: income, windowDays: 365 }),
      {
        title: 'Months with income, one year',
        unit: 'months',
        nullMeaning: 'never missing',
        reason: IRREGULAR,
        monotone: 'decreasing',
      },
    ),
    ...steadinessFeatures(income),
    numeric('days_since_income', aggregate(SOURCE, { fn: 'days_since_last' }, { where: income }), {
      title: 'Days since the last income',
      unit: 'days',
      nullMeaning: 'no income ever received',
      reason: IRREGULAR,
      monotone: 'increasing',
    }),
    numeric(
      'income_total_90d_prior',
      aggregate(SOURCE, { fn: 'sum', ...amount }, { where: income, windowDays: 90, offsetDays: 90 }),
      {
        title: 'Income received, 180 to 90 days ago',
        unit: 'minor units',
        nullMeaning: 'never missing',
        reason: IRREGULAR,
      },
    ),
    numeric('income_trend', ratio('income_total_90d', 'income_total_90d_prior'), {
      title: 'Income of the last 90 days over the 90 before',
      unit: 'ratio',
      nullMeaning: 'no income in the 90 days before the last 90',
      reason: IRREGULAR,
      monotone: 'decreasing',
    }),
  ];
}

function steadinessFeatures(income: readonly Condition[]): FeatureDefinition[] {
  const over = { where: income, windowDays: 365 };
  const about = { unit: 'minor units', reason: IRREGULAR };
  return [
    numeric('income_mean_365d', aggregate(SOURCE, { fn: 'mean', column: 'amount_minor' }, over), {
      title: 'Mean income received at once, one year',
      nullMeaning: 'no income in the last year',
      ...about,
    }),
    numeric('income_stddev_365d', aggregate(SOURCE, { fn: 'stddev', column: 'amount_minor' }, over), {
      title: 'Spread of incomes received, one year',
      nullMeaning: 'fewer than two incomes in the last year',
      ...about,
    }),
    numeric('income_variation', ratio('income_stddev_365d', 'income_mean_365d'), {
      title: 'Spread of incomes over their mean, one year',
      nullMeaning: 'fewer than two incomes in the last year',
      ...about,
      unit: 'ratio',
    }),
  ];
}

/** What money is spent on. Gambling is left out where the book does not tell it apart. */
export function spendingFeatures({ gambling }: { readonly gambling: boolean }): FeatureDefinition[] {
  const cash = [where.category('cash_withdrawal')];
  const fixed = [where.category('rent', 'household', 'utilities', 'insurance', 'loan_payment'), where.debit];
  const spent = (
    name: string,
    conditions: readonly Condition[],
    windowDays: number,
    title: string,
    reason: ReasonText,
  ) =>
    numeric(
      `${name}_total_${windowDays}d`,
      aggregate(SOURCE, { fn: 'sum_absolute', column: 'amount_minor' }, { where: conditions, windowDays }),
      { title: `${title}, ${windowDays} days`, unit: 'minor units', nullMeaning: 'never missing', reason },
    );
  const share = (name: string, windowDays: number, title: string, reason: ReasonText) =>
    numeric(`${name}_share_${windowDays}d`, ratio(`${name}_total_${windowDays}d`, `debit_total_${windowDays}d`), {
      title: `${title}, ${windowDays} days`,
      unit: 'share',
      nullMeaning: `nothing spent in the last ${windowDays} days`,
      reason,
    });
  return [
    ...[90, 365].flatMap((days) => [
      spent('cash', cash, days, 'Cash withdrawn', CASH),
      share('cash', days, 'Share of cash withdrawals in spending', CASH),
    ]),
    spent('fixed_cost', fixed, 90, 'Rent, household, insurance and loan payments', SPENDING),
    share('fixed_cost', 90, 'Share of fixed costs in spending', SPENDING),
    numeric('fixed_cost_to_credit_90d', ratio('fixed_cost_total_90d', 'credit_total_90d'), {
      title: 'Fixed costs over money received, 90 days',
      unit: 'ratio',
      nullMeaning: 'nothing received in the last 90 days',
      reason: SPENDING,
      monotone: 'increasing',
    }),
    ...(gambling ? gamblingFeatures() : []),
  ];
}

function gamblingFeatures(): FeatureDefinition[] {
  const bets = [where.category('gambling')];
  const about = { nullMeaning: 'never missing', reason: GAMBLING, monotone: 'increasing' } as const;
  return [
    ...[90, 365].map((windowDays) =>
      numeric(
        `gambling_total_${windowDays}d`,
        aggregate(SOURCE, { fn: 'sum_absolute', column: 'amount_minor' }, { where: bets, windowDays }),
        { title: `Gambling payments, ${windowDays} days`, unit: 'minor units', ...about },
      ),
    ),
    numeric('gambling_count_90d', aggregate(SOURCE, { fn: 'count' }, { where: bets, windowDays: 90 }), {
      title: 'Gambling payments, number in 90 days',
      unit: 'count',
      ...about,
    }),
    numeric('gambling_to_credit_365d', ratio('gambling_total_365d', 'credit_total_365d'), {
      title: 'Gambling payments over money received, one year',
      unit: 'ratio',
      ...about,
      nullMeaning: 'nothing received in the last year',
    }),
    numeric('days_since_gambling', aggregate(SOURCE, { fn: 'days_since_last' }, { where: bets }), {
      title: 'Days since the last gambling payment',
      unit: 'days',
      nullMeaning: 'no gambling payment ever',
      reason: GAMBLING,
    }),
  ];
}

/** How long and how widely the account has been used. */
export function activityFeatures({ counterparties }: { readonly counterparties: boolean }): FeatureDefinition[] {
  return [
    numeric('history_days', aggregate(SOURCE, { fn: 'days_since_first' }), {
      title: 'Days since the first transaction',
      unit: 'days',
      nullMeaning: 'no transactions yet',
      reason: HISTORY,
      monotone: 'decreasing',
    }),
    numeric('active_months_365d', aggregate(SOURCE, { fn: 'count_distinct_months' }, { windowDays: 365 }), {
      title: 'Months with a transaction, one year',
      unit: 'months',
      nullMeaning: 'never missing',
      reason: HISTORY,
    }),
    categorical('main_channel_180d', aggregate(SOURCE, { fn: 'mode', column: 'channel' }, { windowDays: 180 }), {
      title: 'Most used channel, 180 days',
      unit: 'category',
      nullMeaning: none(180),
      reason: PATTERN,
    }),
    ...(counterparties ? [90, 365] : []).map((windowDays) =>
      numeric(
        `counterparties_${windowDays}d`,
        aggregate(SOURCE, { fn: 'count_distinct', column: 'counterparty' }, { windowDays }),
        {
          title: `Different counterparties, ${windowDays} days`,
          unit: 'count',
          nullMeaning: 'never missing',
          reason: PATTERN,
        },
      ),
    ),
  ];
}
