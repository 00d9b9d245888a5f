import { z } from 'zod';
import { isoMonth, minorUnits, share, snapshotSchema } from './common.ts';

export const vintagesQuerySchema = z.strictObject({
  /** Months of the transitions counted, both included. */
  from: isoMonth.optional(),
  until: isoMonth.optional(),
});

export const vintagesSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  /** Share of a cohort's loans ever so many days past due; only points every loan of the cohort has reached. */
  vintages: z.array(
    z.object({
      cohort: z.string(),
      loans: z.int(),
      daysPastDue: z.int(),
      points: z.array(z.object({ monthsOnBook: z.int(), late: z.int(), share })),
    }),
  ),
  months: z.array(isoMonth),
  states: z.array(z.string()),
  /** Monthly roll rates: from each open state to every state. */
  matrix: z.array(
    z.object({
      from: z.string(),
      loans: z.int(),
      to: z.array(z.object({ state: z.string(), loans: z.int(), share, balanceShare: share })),
    }),
  ),
  /** By state, in the order of `states`: probability of 90 days past due within twelve months, by the chain of roll rates. */
  defaultWithin12m: z.array(share),
  /** Of the loans 90 days past due or more at a month end, those less than 30 days past due or repaid at the next. */
  cureRate: share.nullable(),
  byMonth: z.array(
    z.object({
      month: isoMonth,
      loans: z.int(),
      currentToLate: share.nullable(),
      from30To60: share.nullable(),
      from60To90: share.nullable(),
      cured: share.nullable(),
    }),
  ),
});
export type Vintages = z.infer<typeof vintagesSchema>;

const number = (low: number, high: number, fallback: number) => z.coerce.number().min(low).max(high).default(fallback);
const whole = (low: number, high: number, fallback: number) =>
  z.coerce.number().int().min(low).max(high).default(fallback);

/** Defaults: 30 and 90 days are the presumptions of IFRS 9; shifts, weights and LGD are assumptions to be set by the lender. */
export const provisionsQuerySchema = z.strictObject({
  lgd: number(0, 1, 0.45),
  prepayment: number(0, 0.5, 0),
  adverseShift: number(-5, 5, 0.4),
  severeShift: number(-5, 5, 0.9),
  adverseWeight: number(0, 1, 0.3),
  severeWeight: number(0, 1, 0.1),
  forecastMonths: whole(0, 120, 24),
  reversionMonths: whole(0, 120, 12),
  sicrDays: whole(0, 89, 30),
  sicrPdFactor: number(1, 100, 2),
  cureMonths: whole(1, 24, 3),
  ceclDiscounted: z.enum(['true', 'false']).default('false'),
});
export type ProvisionsQuery = z.input<typeof provisionsQuerySchema>;

const sums = {
  twelveMonthMinor: minorUnits,
  lifetimeMinor: minorUnits,
  ifrs9Minor: minorUnits,
  ceclMinor: minorUnits,
};
const group = { loans: z.int(), exposureMinor: minorUnits, allowanceMinor: minorUnits, coverage: z.number() };

export const provisionsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  currency: z.string(),
  /** The last month that loans were reported for. */
  month: isoMonth.nullable(),
  loans: z.int(),
  exposureMinor: minorUnits,
  /** Loans without a score, counted at a PD of 5 %. */
  unscored: z.int(),
  stages: z.array(z.object({ stage: z.int(), ...group })),
  grades: z.array(z.object({ grade: z.string(), ...group, ceclMinor: minorUnits })),
  /** Each as if it were certain. */
  scenarios: z.array(z.object({ name: z.string(), weight: share, logOddsShift: z.number(), ...sums })),
  weighted: z.object(sums),
  /** PD of a loan in arrears by the book's own roll rates. */
  bucketPds: z.array(z.object({ bucket: z.string(), pd12m: share })),
});
export type Provisions = z.infer<typeof provisionsSchema>;

export const creditLossOperations = {
  getVintages: {
    method: 'GET',
    path: '/portfolio/vintages',
    tag: 'portfolio',
    status: 200,
    summary: 'Vintage curves and monthly roll rates',
    query: vintagesQuerySchema,
    response: vintagesSchema,
  },
  getProvisions: {
    method: 'GET',
    path: '/portfolio/provisions',
    tag: 'portfolio',
    status: 200,
    summary: 'Expected credit loss under IFRS 9 and CECL, by stage and scenario',
    query: provisionsQuerySchema,
    response: provisionsSchema,
  },
} as const;
