import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApplicationField, loanApplicationSchema } from '../../contract.ts';
import { toApplication, toFormValues } from './form-values.ts';
import { compareScenarios } from './scenarios.ts';

const field = (
  name: string,
  type: ApplicationField['type'],
  more: Partial<ApplicationField> = {},
): ApplicationField => ({
  name,
  in: 'attributes',
  title: name,
  type,
  required: true,
  values: null,
  min: null,
  max: null,
  description: null,
  ...more,
});
const FIELDS = [
  field('borrowerId', 'text', { in: 'application' }),
  field('amountMinor', 'money', { in: 'application', min: 100 }),
  field('termMonths', 'integer', { in: 'application', min: 1, max: 480 }),
  field('income', 'money'),
  field('employed', 'boolean'),
  field('since', 'timestamp'),
];
const FILLED = {
  borrowerId: 'B1',
  amountMinor: '12,000.50',
  termMonths: '36',
  income: '2100',
  employed: 'false',
  since: '2020-05-01T10:30:00',
};

test('a filled form becomes the request of the contract, money in minor units', () => {
  const prepared = toApplication(FIELDS, FILLED, 'EUR');
  assert.deepEqual(prepared, {
    kind: 'ready',
    application: {
      borrowerId: 'B1',
      amountMinor: 1_200_050,
      currency: 'EUR',
      termMonths: 36,
      attributes: { income: 210_000, employed: false, since: '2020-05-01T10:30:00.000Z' },
    },
  });
  assert.ok(prepared.kind === 'ready' && loanApplicationSchema.safeParse(prepared.application).success);
});

test('a request shown in the form and sent again is the same request', () => {
  const first = toApplication(FIELDS, FILLED, 'EUR');
  assert.ok(first.kind === 'ready');
  assert.deepEqual(toApplication(FIELDS, toFormValues(FIELDS, first.application, 'EUR'), 'EUR'), first);
});

test('what cannot be read is told beside its field; what is left empty is left out, but for the borrower', () => {
  assert.deepEqual(toApplication(FIELDS, { borrowerId: 'B1' }, 'EUR'), {
    kind: 'ready',
    application: { borrowerId: 'B1' },
  });
  assert.deepEqual(
    toApplication(FIELDS, { amountMinor: '0.5', termMonths: '3.5', income: 'much', since: 'then' }, 'EUR'),
    {
      kind: 'invalid',
      errors: {
        borrowerId: 'Needed',
        amountMinor: 'At least 1',
        termMonths: 'Must be a whole number',
        income: 'Not a number',
        since: 'Not a time',
      },
    },
  );
});

test('scenarios are compared with the first', () => {
  const result = (score: number, pd: number) => ({
    score,
    pd,
    grade: 'A',
    reasons: [],
    modelVersion: 'm',
    asOf: '2026-01-01T00:00:00Z',
    applicationId: null,
    borrowerId: 'B1',
    indicativeOutcome: 'approved' as const,
    missing: [],
    fraud: null,
  });
  const rows = compareScenarios(
    [
      { number: 1, values: { termMonths: '36' }, result: result(600, 0.05) },
      { number: 2, values: { termMonths: '24' }, result: result(610, 0.04) },
    ],
    FIELDS,
  );
  assert.deepEqual(
    rows.map(({ changes, scoreChange }) => [changes, scoreChange]),
    [
      ['Base', null],
      ['termMonths: 36 → 24', 10],
    ],
  );
});
