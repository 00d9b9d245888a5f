import type { FeatureDefinition, ReasonText } from '../../domain/index.ts';
import { aggregate, derived, divide, feature, numeric, ratio, where } from './builders.ts';

const LOW: ReasonText = { code: 'BAL1', text: 'Account balance too low' };
const FALLING: ReasonText = { code: 'BAL2', text: 'Account balance has been falling' };
const UNSTEADY: ReasonText = { code: 'BAL3', text: 'Account balance changes too much' };
const OVERDRAWN: ReasonText = { code: 'OVD1', text: 'Account overdrawn too often or too recently' };
const PENALTIES: ReasonText = { code: 'OVD2', text: 'Penalty interest or overdraft fees were charged on the account' };

const SOURCE = 'transactions';
const balance = { column: 'balance_minor' } as const;
const nobody = (days: number): string => `no transactions in the last ${days} days`;

/** Level, spread and direction of the account balance, as seen after each transaction. */
export function balanceFeatures(): FeatureDefinition[] {
  return [
    ...[30, 90, 180, 365].flatMap(levelFeatures),
    ...[90, 365].flatMap(spreadFeatures),
    ...[90, 180].map((windowDays) =>
      numeric(`balance_slope_${windowDays}d`, aggregate(SOURCE, { fn: 'slope_per_day', ...balance }, { windowDays }), {
        title: `Trend of the balance, ${windowDays} days`,
        unit: 'minor units per day',
        nullMeaning: `transactions on fewer than two days of the last ${windowDays}`,
        reason: FALLING,
      }),
    ),
    numeric('balance_last', aggregate(SOURCE, { fn: 'last', ...balance }), {
      title: 'Latest balance',
      unit: 'minor units',
      nullMeaning: 'no transactions yet',
      reason: LOW,
      monotone: 'decreasing',
    }),
    numeric('balance_30d_to_365d', ratio('balance_mean_30d', 'balance_mean_365d'), {
      title: 'Mean balance of 30 days over that of a year',
      unit: 'ratio',
      nullMeaning: 'no transactions in 30 days, or a mean balance of zero over the year',
      reason: FALLING,
    }),
  ];
}

function levelFeatures(windowDays: number): FeatureDefinition[] {
  const about = { unit: 'minor units', nullMeaning: nobody(windowDays), reason: LOW, monotone: 'decreasing' } as const;
  return [
    numeric(`balance_mean_${windowDays}d`, aggregate(SOURCE, { fn: 'mean', ...balance }, { windowDays }), {
      title: `Mean balance, ${windowDays} days`,
      ...about,
    }),
    numeric(`balance_min_${windowDays}d`, aggregate(SOURCE, { fn: 'min', ...balance }, { windowDays }), {
      title: `Lowest balance, ${windowDays} days`,
      ...about,
    }),
  ];
}

function spreadFeatures(windowDays: number): FeatureDefinition[] {
  return [
    numeric(`balance_max_${windowDays}d`, aggregate(SOURCE, { fn: 'max', ...balance }, { windowDays }), {
      title: `Highest balance, ${windowDays} days`,
      unit: 'minor units',
      nullMeaning: nobody(windowDays),
      reason: LOW,
      monotone: 'decreasing',
    }),
    numeric(`balance_stddev_${windowDays}d`, aggregate(SOURCE, { fn: 'stddev', ...balance }, { windowDays }), {
      title: `Spread of the balance, ${windowDays} days`,
      unit: 'minor units',
      nullMeaning: `fewer than two transactions in the last ${windowDays} days`,
      reason: UNSTEADY,
    }),
  ];
}

/** How often, how long ago and how dearly the account was overdrawn. */
export function overdraftFeatures(): FeatureDefinition[] {
  const overdrawn = [where.overdrawn];
  return [
    ...[30, 90, 365].map((windowDays) =>
      numeric(`overdrawn_count_${windowDays}d`, aggregate(SOURCE, { fn: 'count' }, { where: overdrawn, windowDays }), {
        title: `Transactions that left the account overdrawn, ${windowDays} days`,
        unit: 'count',
        nullMeaning: 'never missing',
        reason: OVERDRAWN,
        monotone: 'increasing',
      }),
    ),
    ...[90, 365].map((windowDays) =>
      numeric(
        `overdrawn_share_${windowDays}d`,
        derived(divide(feature(`overdrawn_count_${windowDays}d`), feature(`transaction_count_${windowDays}d`))),
        {
          title: `Share of transactions that left the account overdrawn, ${windowDays} days`,
          unit: 'share',
          nullMeaning: nobody(windowDays),
          reason: OVERDRAWN,
          monotone: 'increasing',
        },
      ),
    ),
    numeric(
      'overdrawn_months_365d',
      aggregate(SOURCE, { fn: 'count_distinct_months' }, { where: overdrawn, windowDays: 365 }),
      {
        title: 'Months with an overdrawn account, one year',
        unit: 'months',
        nullMeaning: 'never missing',
        reason: OVERDRAWN,
        monotone: 'increasing',
      },
    ),
    numeric('days_since_overdrawn', aggregate(SOURCE, { fn: 'days_since_last' }, { where: overdrawn }), {
      title: 'Days since the account was last overdrawn',
      unit: 'days',
      nullMeaning: 'never overdrawn',
      reason: OVERDRAWN,
      monotone: 'decreasing',
    }),
    ...penaltyFeatures(),
  ];
}

function penaltyFeatures(): FeatureDefinition[] {
  const penalties = [where.category('sanction_interest', 'overdraft_fee')];
  return [
    ...[90, 365].map((windowDays) =>
      numeric(`penalty_count_${windowDays}d`, aggregate(SOURCE, { fn: 'count' }, { where: penalties, windowDays }), {
        title: `Penalty interest and overdraft fees, ${windowDays} days`,
        unit: 'count',
        nullMeaning: 'never missing',
        reason: PENALTIES,
        monotone: 'increasing',
      }),
    ),
    numeric(
      'penalty_total_365d',
      aggregate(SOURCE, { fn: 'sum_absolute', column: 'amount_minor' }, { where: penalties, windowDays: 365 }),
      {
        title: 'Penalty interest and overdraft fees paid, one year',
        unit: 'minor units',
        nullMeaning: 'never missing',
        reason: PENALTIES,
        monotone: 'increasing',
      },
    ),
    numeric('days_since_penalty', aggregate(SOURCE, { fn: 'days_since_last' }, { where: penalties }), {
      title: 'Days since the last penalty interest or overdraft fee',
      unit: 'days',
      nullMeaning: 'none ever charged',
      reason: PENALTIES,
      monotone: 'decreasing',
    }),
  ];
}
