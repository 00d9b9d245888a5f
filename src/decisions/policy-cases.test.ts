import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { parseCreditPolicy } from './credit-policy.ts';
import { evaluatePolicy } from './evaluate-policy.ts';

/** Every portfolio's policy against the cases its owners wrote beside it. */
const directory = new URL('../../portfolios/', import.meta.url).pathname;

const casesSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      facts: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
      expected: z.object({ outcome: z.string(), rules: z.array(z.string()) }),
    }),
  ),
});

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

for (const portfolio of readdirSync(directory).sort()) {
  const casesPath = join(directory, portfolio, 'policy.cases.json');
  if (!existsSync(casesPath)) continue;
  test(`${portfolio}: the policy decides its cases as written`, async (context) => {
    const policy = parseCreditPolicy(readJson(join(directory, portfolio, 'policy.json')));
    for (const { name, facts, expected } of casesSchema.parse(readJson(casesPath)).cases) {
      await context.test(name, () => {
        const { outcome, trace } = evaluatePolicy(policy, facts);
        const rules = trace.filter((entry) => entry.fired).map((entry) => entry.rule);
        assert.deepEqual({ outcome, rules }, expected);
      });
    }
  });
}
