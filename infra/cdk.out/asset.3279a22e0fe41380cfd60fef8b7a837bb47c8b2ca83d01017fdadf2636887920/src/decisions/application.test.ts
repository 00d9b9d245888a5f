import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError, type Portfolio, type TableSchema } from '../domain/index.ts';
import { type ApplicationRequest, applicationFields, parseLoanApplication } from './application.ts';

const table: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    { name: 'application_id', type: 'text', dataClass: 'financial' },
    { name: 'borrower_id', type: 'text', dataClass: 'financial' },
    { name: 'applied_at', type: 'timestamp', dataClass: 'financial' },
    { name: 'amount_minor', type: 'money', dataClass: 'financial', min: 1 },
    { name: 'purpose', type: 'text', dataClass: 'financial', nullable: true, values: ['car', 'home'] },
    { name: 'employed_since', type: 'date', dataClass: 'financial', nullable: true },
    { name: 'income_minor', type: 'money', dataClass: 'financial' },
    { name: 'homeowner', type: 'boolean', dataClass: 'financial', nullable: true },
    { name: 'sex', type: 'text', dataClass: 'protected', nullable: true },
  ],
};

const portfolio = { currency: 'EUR', sources: [{ targets: [{ table }] }] } as unknown as Portfolio;
const parse = (request: Partial<ApplicationRequest>) =>
  parseLoanApplication(portfolio, { borrowerId: 'b', ...request }, 'a1');
const pathsRefused = (request: Partial<ApplicationRequest>): string[] => {
  try {
    parse(request);
    return [];
  } catch (error) {
    assert.ok(error instanceof AssayError && error.code === 'bad_input');
    return (error.parts.issues ?? []).map((issue) => issue.path);
  }
};

test('the form asks for neither ids nor protected attributes', () => {
  assert.deepEqual(
    applicationFields(portfolio).map((field) => field.name),
    ['amountMinor', 'purpose', 'employed_since', 'income_minor', 'homeowner'],
  );
});

test('takes a complete application', () => {
  const { columns, missing } = parse({
    amountMinor: 100_000,
    currency: 'EUR',
    attributes: { purpose: 'car', employed_since: '2020-02-29', income_minor: 250_000, homeowner: true },
  });
  assert.deepEqual(missing, []);
  assert.deepEqual(columns, {
    amount_minor: 100_000,
    purpose: 'car',
    employed_since: '2020-02-29',
    income_minor: 250_000,
    homeowner: 'true',
  });
});

test('missing mandatory data is a fact, not an error', () => {
  assert.deepEqual(parse({}).missing, ['amountMinor', 'income_minor']);
  assert.deepEqual(parse({ amountMinor: 1, attributes: { income_minor: null } }).missing, ['income_minor']);
});

test('what is wrong is refused by name', () => {
  assert.deepEqual(pathsRefused({ amountMinor: 0 }), ['amountMinor']);
  assert.deepEqual(pathsRefused({ amountMinor: 10.5 }), ['amountMinor']);
  assert.deepEqual(pathsRefused({ currency: 'USD' }), ['currency']);
  assert.deepEqual(pathsRefused({ termMonths: 12 }), ['termMonths']);
  assert.deepEqual(pathsRefused({ attributes: { sex: 'F' } }), ['attributes.sex']);
  assert.deepEqual(pathsRefused({ attributes: { toString: 'x' } }), ['attributes.toString']);
  assert.deepEqual(pathsRefused({ attributes: { purpose: 'boat' } }), ['attributes.purpose']);
  assert.deepEqual(pathsRefused({ attributes: { purpose: 5 } }), ['attributes.purpose']);
  assert.deepEqual(pathsRefused({ attributes: { employed_since: '2021-02-29' } }), ['attributes.employed_since']);
  assert.deepEqual(pathsRefused({ attributes: { homeowner: 'true' } }), ['attributes.homeowner']);
  assert.deepEqual(pathsRefused({ attributes: { income_minor: '5' } }), ['attributes.income_minor']);
});
