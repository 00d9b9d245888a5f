import { z } from 'zod';
import { AssayError, type CreditPolicy, type DecisionOutcome } from '../../domain/index.ts';
import { evaluatePolicy } from '../evaluate-policy.ts';
import type { PolicyCase } from './policy-version.ts';

const MAX_CASES = 1_000;

const casesSchema = z.object({
  cases: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(300),
        facts: z.record(z.string().max(100), z.union([z.number(), z.string().max(1_000), z.null()])),
        expected: z.strictObject({
          outcome: z.enum(['approved', 'declined', 'referred', 'counter_offer']),
          rules: z.array(z.string().max(200)).max(500),
        }),
      }),
    )
    .max(MAX_CASES),
});

/**
 * A case table (`policy.cases.json`) from untrusted JSON.
 * @throws AssayError bad_input naming every field that is wrong, and names that repeat
 */
export function parsePolicyCases(value: unknown): PolicyCase[] {
  const parsed = casesSchema.safeParse(value);
  if (!parsed.success) {
    throw casesError(parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })));
  }
  const names = parsed.data.cases.map(({ name }) => name);
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (repeated.length > 0) throw casesError(repeated.map((name) => ({ path: 'cases', message: `"${name}" repeats` })));
  return parsed.data.cases;
}

function casesError(issues: { path: string; message: string }[]): AssayError {
  return new AssayError('bad_input', {
    what: 'the case table of the credit policy is not valid',
    given: issues.map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; '),
    allowed: '{"cases": [{"name", "facts", "expected": {"outcome", "rules"}}]}',
    fix: 'mend the fields named',
    issues,
  });
}

export type CaseResult = PolicyCase & {
  readonly actual: { readonly outcome: DecisionOutcome; readonly rules: readonly string[] };
  readonly passed: boolean;
};

/** What the policy says to each case: outcome and the rules that fired, in order, must be those expected. */
export function runPolicyCases(policy: CreditPolicy, cases: readonly PolicyCase[]): CaseResult[] {
  return cases.map((one) => {
    const { outcome, trace } = evaluatePolicy(policy, one.facts);
    const rules = trace.filter((entry) => entry.fired).map((entry) => entry.rule);
    const isSame = outcome === one.expected.outcome && rules.join('\n') === one.expected.rules.join('\n');
    return { ...one, actual: { outcome, rules }, passed: isSame };
  });
}

/** Rules that no case makes fire: what the table does not say anything about. */
export function rulesWithoutCase(policy: CreditPolicy, cases: readonly PolicyCase[]): string[] {
  const fired = new Set(runPolicyCases(policy, cases).flatMap(({ actual }) => actual.rules));
  return policy.rules.map(({ id }) => id).filter((id) => !fired.has(id));
}
