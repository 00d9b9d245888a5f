import { z } from 'zod';
import { AssayError, type CreditPolicy, type FieldIssue, type PolicyCondition } from '../domain/index.ts';

/** Limits on what a policy may hold: a policy is read by people. */
const MAX_RULES = 500;
const MAX_SEGMENTS = 50;
const MAX_TERMS = 5_000;
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

const segmentSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i, 'letters, digits, dashes and underscores'),
  description: z.string().min(1),
  when: conditionSchema,
});

const ofGrade = { grade: z.string().min(1), segment: z.string().min(1).optional() };

const policySchema = z.strictObject({
  format: z.literal('assay-policy/1'),
  version: z.string().min(1),
  status: z.enum(['draft', 'shadow', 'live']),
  description: z.string(),
  segments: z.array(segmentSchema).max(MAX_SEGMENTS).optional(),
  limits: z.array(z.strictObject({ ...ofGrade, maxAmountMinor: z.int().min(1) })).max(MAX_TERMS),
  pricing: z.array(z.strictObject({ ...ofGrade, annualRatePercent: z.number().min(0).max(1000) })).max(MAX_TERMS),
  secondApprovalAboveMinor: z.int().min(0).optional(),
  rules: z.array(ruleSchema).max(MAX_RULES),
});

/**
 * A credit policy from untrusted JSON.
 * @throws AssayError bad_input naming every field that is wrong, ids and grades that repeat, segments not defined, conditions nested too deep
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
    ...repeats((parsed.data.segments ?? []).map((segment) => segment.id)).map((id) => ({
      path: 'segments',
      message: `segment ${id} repeats`,
    })),
    ...termIssues('limits', parsed.data.limits, parsed.data.segments),
    ...termIssues('pricing', parsed.data.pricing, parsed.data.segments),
  ];
  if (issues.length > 0) throw policyError(issues);
  return parsed.data;
}

type Term = { readonly grade: string; readonly segment?: string | undefined };

/** Of limits or prices: one for each segment and grade, and no segment that is not defined. */
function termIssues(path: string, terms: readonly Term[], segments: CreditPolicy['segments'] = []): FieldIssue[] {
  const nameOf = ({ grade, segment }: Term): string =>
    segment === undefined ? `grade ${grade}` : `grade ${grade} of segment ${segment}`;
  const known = new Set(segments.map(({ id }) => id));
  const unknown = terms.flatMap(({ segment }) => (segment === undefined || known.has(segment) ? [] : [segment]));
  return [
    ...repeats(terms.map(nameOf)).map((name) => ({ path, message: `${name} repeats` })),
    ...[...new Set(unknown)].map((segment) => ({ path, message: `there is no segment ${segment} in segments` })),
  ];
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
