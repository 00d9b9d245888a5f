import { z } from 'zod';
import { AssayError, type CreditPolicy, type PolicyCondition } from '../domain/index.ts';

/** Limits on what a policy may hold: a policy is read by people. */
const MAX_RULES = 500;
const MAX_CONDITION_DEPTH = 8;
const PLAIN_FACTS = [
  ...['pd', 'score', 'grade', 'amountMinor', 'termMonths'],
  ...['fraud.score', 'fraud.band', 'fraud.signals'],
];

const factSchema = z
  .string()
  .refine((fact) => PLAIN_FACTS.includes(fact) || /^(feature|attribute)\.[a-z][a-z0-9_]*$/.test(fact), {
    error: `a fact is one of ${PLAIN_FACTS.join(', ')}, feature.<name> or attribute.<name>`,
  });
const literalSchema = z.union([z.number(), z.string()]);

const conditionSchema: z.ZodType<PolicyCondition> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(conditionSchema).min(1) }),
    z.strictObject({ any: z.array(conditionSchema).min(1) }),
    z.strictObject({ not: conditionSchema }),
    z.strictObject({ fact: factSchema, op: z.enum(['=', '<>', '<', '<=', '>', '>=']), value: literalSchema }),
    z.strictObject({ fact: factSchema, op: z.literal('in'), value: z.array(literalSchema).min(1) }),
    z.strictObject({ fact: factSchema, op: z.literal('is_missing') }),
  ]),
);

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'letters, digits, dots, dashes and underscores'),
  kind: z.enum(['knock_out', 'cut_off', 'referral']),
  description: z.string().min(1),
  when: conditionSchema,
  outcome: z.enum(['declined', 'referred', 'counter_offer']),
  reason: z.strictObject({ code: z.string().min(1), text: z.string().min(1) }),
});

const policySchema = z.strictObject({
  format: z.literal('assay-policy/1'),
  version: z.string().min(1),
  status: z.enum(['draft', 'shadow', 'live']),
  description: z.string(),
  limits: z.array(z.strictObject({ grade: z.string().min(1), maxAmountMinor: z.int().min(1) })),
  pricing: z.array(z.strictObject({ grade: z.string().min(1), annualRatePercent: z.number().min(0).max(1000) })),
  secondApprovalAboveMinor: z.int().min(0).optional(),
  rules: z.array(ruleSchema).max(MAX_RULES),
});

/**
 * A credit policy from untrusted JSON.
 * @throws AssayError bad_input naming every field that is wrong, rule ids and grades that repeat, conditions nested too deep
 */
export function parseCreditPolicy(value: unknown): CreditPolicy {
  refuseDepth(value);
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    throw policyError(parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })));
  }
  const issues = [
    ...repeats(parsed.data.rules.map((rule) => rule.id)).map((id) => ({
      path: 'rules',
      message: `rule id ${id} repeats`,
    })),
    ...repeats(parsed.data.limits.map((limit) => limit.grade)).map((grade) => ({
      path: 'limits',
      message: `grade ${grade} repeats`,
    })),
    ...repeats(parsed.data.pricing.map((price) => price.grade)).map((grade) => ({
      path: 'pricing',
      message: `grade ${grade} repeats`,
    })),
  ];
  if (issues.length > 0) throw policyError(issues);
  return parsed.data;
}

function policyError(issues: { path: string; message: string }[]): AssayError {
  return new AssayError('bad_input', {
    what: 'the credit policy is not valid',
    given: issues.map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; '),
    allowed: 'a document of format assay-policy/1',
    fix: 'mend the fields named and load it again',
    issues,
  });
}

function repeats(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** Before the recursive schema sees it: a document nested without end must not exhaust the stack. */
function refuseDepth(value: unknown): void {
  // a condition of depth d lies 2d + 3 levels below the root
  const limit = MAX_CONDITION_DEPTH * 2 + 3;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) {
      throw policyError([{ path: 'rules', message: `conditions are nested deeper than ${MAX_CONDITION_DEPTH}` }]);
    }
    level = level.flatMap((item) => (item !== null && typeof item === 'object' ? Object.values(item) : []));
  }
}
