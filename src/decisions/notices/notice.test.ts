import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AssayError,
  type CreditPolicy,
  column,
  type PolicyRule,
  type Portfolio,
  type TableSchema,
} from '../../domain/index.ts';
import { define } from '../../features/index.ts';
import { evaluatePolicy } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';
import { buildNotice } from './build-notice.ts';
import { addDays, addMonths } from './deadlines.ts';
import { keyFactorsOf, type Notice, noticeHtml, noticePdf } from './index.ts';
import { isPricedByRisk } from './pricing-tier.ts';

const { attribute, numeric } = define;
const bureauColumn = { nullable: true, dataClass: 'bureau' } as const;
const applications: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1 }),
    column.money('income_minor', { nullable: true }),
    column.integer('bureau_score', bureauColumn),
    column.date('bureau_score_on', bureauColumn),
    column.text('bureau_factors', bureauColumn),
    column.integer('delinquencies', bureauColumn),
  ],
};
const about = { title: '', unit: '', nullMeaning: '', reason: { code: 'X1', text: 'something' } };
const features = [
  numeric('income', attribute('income_minor'), about),
  numeric('delinquencies', attribute('delinquencies'), about),
  numeric('amount', attribute('amount_minor'), about),
];
const rule = (id: string, fact: string, op: '<' | '>', value: number, text: string): PolicyRule => ({
  id,
  kind: 'knock_out',
  description: id,
  when: { fact, op, value },
  outcome: 'declined',
  reason: { code: id.toUpperCase(), text },
});
const policy: CreditPolicy = {
  format: 'assay-policy/1',
  version: 'p1',
  status: 'live',
  description: '',
  limits: [{ grade: 'A', maxAmountMinor: 1_000_000 }],
  pricing: [
    { grade: 'A', annualRatePercent: 5 },
    { grade: 'B', annualRatePercent: 9 },
  ],
  rules: [
    rule('cut', 'pd', '>', 0.2, 'Credit risk too high'),
    rule('poor', 'feature.income', '<', 50_000, 'Income too low'),
  ],
};
const portfolio = {
  name: 'p',
  currency: 'USD',
  sources: [{ targets: [{ table: applications }] }],
  features: { features },
  policy,
  lender: {
    name: 'First Lender',
    address: '1 Main Street',
    jurisdiction: 'US',
    agencies: ['OCC'],
    bureau: {
      name: 'A Bureau',
      address: '2 Main Street',
      phone: '555',
      score: {
        column: 'bureau_score',
        lowest: 300,
        highest: 850,
        createdOnColumn: 'bureau_score_on',
        keyFactorsColumn: 'bureau_factors',
      },
    },
  },
} as unknown as Portfolio;

type Case = {
  pd?: number;
  grade?: string;
  income?: number | null;
  amount?: number;
  bureau?: Record<string, number | string | null>;
  reasons?: number;
  inputs?: readonly string[];
  day?: string;
  missing?: readonly string[];
  place?: string;
  lends?: Portfolio;
  counterfactuals?: readonly string[];
};

function noticeOf(given: Case): Notice {
  const {
    pd = 0.05,
    grade = 'A',
    income = 100_000,
    amount = 500_000,
    bureau = {},
    day = '2026-11-25',
    missing = [],
  } = given;
  const columns = { amount_minor: amount, income_minor: income, ...bureau };
  const row = { income, amount, delinquencies: (bureau['delinquencies'] as number | undefined) ?? null };
  const facts = { pd, grade, amountMinor: amount, 'feature.income': income };
  const { outcome, trace, reasons, annualRatePercent } = evaluatePolicy(policy, facts);
  const final = missing.length > 0 ? 'referred' : outcome;
  const stated = Array.from({ length: given.reasons ?? 4 }, (_, i) => ({
    code: `R${i}`,
    text: `Reason number ${i}`,
    feature: 'income',
    points: 9 - i,
  }));
  const offer =
    final === 'approved' || final === 'counter_offer'
      ? { amountMinor: Math.min(amount, 1_000_000), currency: 'USD', termMonths: 12, annualRatePercent }
      : null;
  const body = {
    decisionId: 'd1',
    decidedAt: `${day}T10:00:00.000Z`,
    application: { applicationId: 'a1', borrowerId: 'b1', columns },
    features: row,
    currency: 'USD',
    missing,
    modelVersion: 'm1',
    policyVersion: 'p1',
    result: { outcome: final, trace, outcomeReasons: reasons, reasons: stated, score: 512.4, pd, grade, offer },
  } as unknown as DecisionBody;
  return buildNotice({
    portfolio: given.lends ?? portfolio,
    body,
    policy,
    inputs: given.inputs ?? ['income'],
    counterfactuals: given.counterfactuals ?? [],
    jurisdiction: given.place,
  });
}
const titles = (notice: Notice): string[] => notice.sections.map(({ title }) => title);
const textOf = (notice: Notice): string => noticeHtml(notice);
const SCORED = {
  bureau_score: 611,
  bureau_score_on: '2026-11-20',
  bureau_factors:
    'Serious delinquency; Length of history; Proportion of balances; Time since accounts opened; Number of inquiries',
  delinquencies: 2,
};

test('adverse action under Reg B: creditor, action, principal reasons of the score, ECOA statement, agency of the day, 30 days', () => {
  const notice = noticeOf({ pd: 0.4 });
  assert.equal(notice.kind, 'adverse_action');
  assert.deepEqual(
    notice.reasons.map(({ code }) => code),
    ['R0', 'R1', 'R2', 'R3'],
  );
  const text = textOf(notice);
  for (const part of [
    'First Lender',
    '1 Main Street',
    'We cannot grant',
    'Equal Credit Opportunity Act prohibits',
    'P.O. Box 53570',
  ])
    assert.ok(text.includes(part), part);
  assert.ok(!/qualifying score|internal standard|risk too high|cut-off/i.test(text));
  assert.deepEqual(
    notice.deadlines.map(({ dueOn, rule: id }) => [id, dueOn]),
    [
      ['us-ecoa-notice', '2026-12-25'],
      ['us-ecoa-records', '2028-12-25'],
    ],
  );
});

test('a rule on a fact is a reason in its own words, before those of the score; never more than four', () => {
  assert.deepEqual(
    noticeOf({ income: 10_000 }).reasons.map(({ code }) => code),
    ['POOR'],
  );
  assert.deepEqual(
    noticeOf({ income: 10_000, pd: 0.4 }).reasons.map(({ code }) => code),
    ['POOR', 'R0', 'R1', 'R2'],
  );
});

test('a decline that has no reason to tell is not noticed, but named', () => {
  assert.throws(
    () => noticeOf({ pd: 0.4, reasons: 0 }),
    (error) => error instanceof AssayError && error.code === 'conflict',
  );
});

test('FCRA: only when bureau data was used, with the score and at most four key factors, five if inquiries is one', () => {
  assert.ok(!titles(noticeOf({ pd: 0.4, bureau: SCORED })).includes('Fair Credit Reporting Act'));
  const withReport = noticeOf({ pd: 0.4, inputs: ['delinquencies'], bureau: { delinquencies: 2 } });
  assert.ok(titles(withReport).includes('Fair Credit Reporting Act'));
  assert.ok(!textOf(withReport).includes('Your credit score'));
  const scored = noticeOf({ pd: 0.4, inputs: ['delinquencies'], bureau: SCORED });
  const text = textOf(scored);
  for (const part of [
    '611',
    '2026-11-20',
    'low of 300',
    'high of 850',
    'A Bureau, 2 Main Street, telephone 555',
    '60 days',
    'played no part',
  ])
    assert.ok(text.includes(part), part);
  const section = scored.sections.find(({ title }) => title === 'Fair Credit Reporting Act');
  assert.equal(section?.items?.length, 5);
  assert.ok(
    !titles(noticeOf({ pd: 0.4, inputs: ['delinquencies'], bureau: {} })).includes('Fair Credit Reporting Act'),
    'no value, no use',
  );
});

test('key factors: four, and inquiries as a fifth', () => {
  assert.deepEqual(keyFactorsOf('a;b;c;d;e'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(keyFactorsOf('a;b;c;d;e;Too many inquiries'), ['a', 'b', 'c', 'd', 'Too many inquiries']);
  assert.deepEqual(keyFactorsOf('inquiries; b;c;d; e'), ['inquiries', 'b', 'c', 'd']);
  assert.deepEqual(keyFactorsOf(null), []);
});

test('a bureau that is used must be named', () => {
  const { bureau: _, ...lender } = portfolio.lender!;
  const nameless = { ...portfolio, lender } as Portfolio;
  assert.throws(
    () => noticeOf({ pd: 0.4, inputs: ['delinquencies'], bureau: SCORED, lends: nameless }),
    /must name the agency/,
  );
  assert.throws(
    () => noticeOf({ pd: 0.4, lends: { ...portfolio, lender: undefined } as unknown as Portfolio }),
    /must name the creditor/,
  );
});

test('a counter-offer: what is offered, reasons, 30 days and 90', () => {
  const notice = noticeOf({ amount: 2_000_000 });
  assert.equal(notice.kind, 'counter_offer');
  assert.ok(textOf(notice).includes('10000.00 USD at 5 % a year'));
  assert.ok(notice.reasons.length > 0);
  assert.deepEqual(
    notice.deadlines.map(({ dueOn }) => dueOn),
    ['2026-12-25', '2027-02-23', '2028-12-25'],
  );
});

test('missing data: a notice of incompleteness', () => {
  const notice = noticeOf({ missing: ['income_minor'] });
  assert.equal(notice.kind, 'incomplete');
  assert.ok(textOf(notice).includes('income_minor'));
  assert.deepEqual(notice.reasons, []);
});

test('risk-based pricing: approved below the best tier on a report', () => {
  const at = (grade: string, inputs: string[]) => noticeOf({ grade, inputs, bureau: SCORED }).kind;
  assert.equal(at('B', ['delinquencies']), 'risk_based_pricing');
  assert.equal(at('A', ['delinquencies']), 'approval');
  assert.equal(at('B', ['income']), 'approval');
  const tiers = (count: number) => Array.from({ length: count }, (_, i) => ({ grade: `G${i}`, annualRatePercent: i }));
  const noticed = (count: number) =>
    tiers(count).filter((tier) => isPricedByRisk(tiers(count), tier.annualRatePercent)).length;
  assert.deepEqual([1, 2, 4, 5, 10].map(noticed), [0, 1, 3, 3, 6]);
});

test('the tiers of a segment ask for the notice by themselves', () => {
  const others = [4, 5, 6, 7].map((rate) => ({ grade: `G${rate}`, annualRatePercent: rate }));
  const own = [1, 2].map((rate) => ({ grade: `G${rate}`, segment: 'small', annualRatePercent: rate }));
  const noticed = (rate: number, segment: string | null) => isPricedByRisk([...others, ...own], rate, segment);
  assert.deepEqual([noticed(1, 'small'), noticed(2, 'small'), noticed(2, null)], [false, true, false]);
});

test('the place and the day choose the law', () => {
  const inGermany = (day: string) =>
    noticeOf({ pd: 0.4, place: 'DE', day, counterfactuals: ['With less it would have been approved.'] });
  const before = inGermany('2026-11-19');
  const after = inGermany('2026-11-20');
  assert.ok(!titles(before).includes('Advice on debt') && titles(after).includes('Advice on debt'));
  for (const title of [
    'How this was decided',
    'Your right to have a person look at it',
    'What weighed most',
    'What would have changed the result',
  ])
    assert.ok(titles(after).includes(title), title);
  assert.ok(!textOf(after).includes('Equal Credit Opportunity'));
  assert.ok(textOf(after).includes('2023/2225') && !textOf(before).includes('2023/2225'));
  const british = noticeOf({ pd: 0.4, place: 'UK' });
  assert.ok(textOf(british).includes('Data (Use and Access) Act 2025'));
  const colorado = (day: string) => titles(noticeOf({ pd: 0.4, place: 'US-CO', day }));
  assert.ok(
    !colorado('2026-12-31').includes('If something is wrong') &&
      colorado('2027-01-01').includes('If something is wrong'),
  );
});

test('HTML is escaped and PDF is the same bytes twice', async () => {
  const hostile = { ...portfolio, lender: { ...portfolio.lender!, name: '<script>alert(1)</script> Ключ Łódź' } };
  const notice = noticeOf({ pd: 0.4, lends: hostile });
  assert.ok(!noticeHtml(notice).includes('<script>alert'));
  const [first, second] = [await noticePdf(notice), await noticePdf(notice)];
  assert.equal(first.subarray(0, 5).toString(), '%PDF-');
  assert.ok(first.length > 2000 && first.equals(second));
});

test('days and months are of the calendar', () => {
  assert.equal(addDays('2028-02-15', 30), '2028-03-16');
  assert.equal(addMonths('2026-01-31', 1), '2026-02-28');
  assert.equal(addMonths('2026-11-25', 25), '2028-12-25');
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
      fc.nat(400),
      (date, days) => {
        const day = date.toISOString().slice(0, 10);
        assert.equal(Date.parse(addDays(day, days)) - Date.parse(day), days * 86_400_000);
      },
    ),
  );
});
