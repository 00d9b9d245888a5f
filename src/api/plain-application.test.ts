import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loanApplicationSchema } from './contract.ts';
import { isPlainApplication } from './plain-application.ts';

const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('EUR', 'B1', 'x'.repeat(100), 'x'.repeat(101), 'x'.repeat(10_000), 'x'.repeat(10_001)),
);
const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -2, max: 482 }),
  fc.constantFrom(480, 1e15, 1e15 + 1, 2 ** 53, -0, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const anything = fc.oneof(
  { weight: 6, arbitrary: scalar },
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
  fc.constant(undefined),
);
const names = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('a'.repeat(100), 'a'.repeat(101), 'constructor'));
const attributes = fc.dictionary(names, fc.oneof({ weight: 9, arbitrary: scalar }, anything), { maxKeys: 4 });
const plain = fc.record(
  {
    borrowerId: fc.string({ minLength: 1, maxLength: 100 }),
    applicationId: fc.string({ minLength: 1, maxLength: 100 }),
    amountMinor: fc.integer({ min: 1, max: 1e9 }),
    currency: fc.constantFrom('EUR', 'USD'),
    termMonths: fc.integer({ min: 1, max: 480 }),
    attributes: fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string(), fc.boolean(), fc.integer()), {
      maxKeys: 4,
    }),
  },
  { requiredKeys: ['borrowerId'] },
);
const hostile = fc.record(
  {
    borrowerId: anything,
    applicationId: anything,
    amountMinor: anything,
    currency: anything,
    termMonths: anything,
    attributes: fc.oneof({ weight: 9, arbitrary: attributes }, anything),
    pd: anything,
  },
  { requiredKeys: [] },
);
/** Most with one or two members that may be wrong, so that each check is the one that decides. */
const application = fc.tuple(plain, hostile, fc.nat({ max: 6 })).map(([well, ill, from]) => ({
  ...well,
  ...Object.fromEntries(Object.entries(ill).slice(from)),
}));

test('what is taken as plain is what the schema accepts, value for value; what is not plain is left to it', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: application }, anything), (value) => {
      const parsed = loanApplicationSchema.safeParse(value);
      assert.equal(isPlainApplication(value), parsed.success);
      if (!parsed.success) return;
      accepted++;
      assert.deepEqual(JSON.parse(JSON.stringify(value)), JSON.parse(JSON.stringify(parsed.data)));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(accepted > 2_000, `only ${accepted} of them were plain`);
});
