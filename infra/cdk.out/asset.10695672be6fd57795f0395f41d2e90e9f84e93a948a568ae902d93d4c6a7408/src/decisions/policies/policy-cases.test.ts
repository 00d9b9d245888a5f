import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCreditPolicy } from '../credit-policy.ts';
import { parsePolicyCases, rulesWithoutCase, runPolicyCases } from './policy-cases.ts';

/** Every portfolio's policy against the cases its owners wrote beside it. */
const directory = new URL('../../../portfolios/', import.meta.url).pathname;
const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

for (const portfolio of readdirSync(directory).sort()) {
  const casesPath = join(directory, portfolio, 'policy.cases.json');
  if (!existsSync(casesPath)) continue;
  test(`${portfolio}: the policy decides its cases as written`, async (context) => {
    const policy = parseCreditPolicy(readJson(join(directory, portfolio, 'policy.json')));
    for (const { name, actual, expected } of runPolicyCases(policy, parsePolicyCases(readJson(casesPath)))) {
      await context.test(name, () => assert.deepEqual(actual, expected));
    }
  });
}

const policy = parseCreditPolicy({
  format: 'assay-policy/1',
  version: 'cases/1',
  status: 'draft',
  description: '',
  limits: [],
  pricing: [],
  rules: ['one', 'two'].map((id, index) => ({
    id,
    kind: 'cut_off',
    description: id,
    when: { fact: 'pd', op: '>', value: 0.1 + index / 10 },
    outcome: 'declined',
    reason: { code: 'X', text: 'x' },
  })),
});

test('a case passes only with the outcome and exactly the rules expected, in their order', () => {
  const facts = { pd: 0.3 };
  const caseOf = (rules: string[]) => ({
    name: rules.join(),
    facts,
    expected: { outcome: 'declined' as const, rules },
  });
  const results = runPolicyCases(policy, [caseOf(['one', 'two']), caseOf(['two', 'one']), caseOf(['one'])]);
  assert.deepEqual(
    results.map(({ passed }) => passed),
    [true, false, false],
  );
  assert.deepEqual(rulesWithoutCase(policy, [{ ...caseOf(['one']), facts: { pd: 0.15 } }]), ['two']);
});

test('a case table that is not one is refused by the field', () => {
  assert.throws(
    () => parsePolicyCases({ cases: [{ name: 'x', facts: {}, expected: { outcome: 'maybe', rules: [] } }] }),
    {
      message: /cases\.0\.expected\.outcome/,
    },
  );
  const twice = { name: 'x', facts: {}, expected: { outcome: 'approved', rules: [] } };
  assert.throws(() => parsePolicyCases({ cases: [twice, twice] }), /"x" repeats/);
});
