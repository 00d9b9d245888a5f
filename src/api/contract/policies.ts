import { z } from 'zod';
import { isoTime, outcomeSchema } from './common.ts';

export const policyStatusSchema = z.enum(['draft', 'shadow', 'live', 'retired', 'rejected']);
export type PolicyStatusDto = z.infer<typeof policyStatusSchema>;

/** A limit on texts that people write beside a change. */
export const noteSchema = z.strictObject({ note: z.string().trim().min(1).max(2000) });

export const policyConditionSchema: z.ZodType<PolicyConditionDto> = z.lazy(() =>
  z.union([
    z.object({ all: z.array(policyConditionSchema) }),
    z.object({ any: z.array(policyConditionSchema) }),
    z.object({ not: policyConditionSchema }),
    z.object({ fact: z.string(), op: z.string(), value: z.unknown().optional() }),
  ]),
);
export type PolicyConditionDto =
  | { all: PolicyConditionDto[] }
  | { any: PolicyConditionDto[] }
  | { not: PolicyConditionDto }
  | { fact: string; op: string; value?: unknown };

const ofGrade = { grade: z.string(), segment: z.string().optional() };

export const policyDocumentSchema = z.object({
  format: z.string(),
  version: z.string(),
  status: policyStatusSchema.or(z.string()),
  description: z.string(),
  segments: z.array(z.object({ id: z.string(), description: z.string(), when: policyConditionSchema })).optional(),
  limits: z.array(z.object({ ...ofGrade, maxAmountMinor: z.number() })),
  pricing: z.array(z.object({ ...ofGrade, annualRatePercent: z.number() })),
  rules: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['knock_out', 'cut_off', 'referral']),
      description: z.string(),
      when: policyConditionSchema,
      outcome: outcomeSchema,
      reason: z.object({ code: z.string(), text: z.string() }),
    }),
  ),
});
export type PolicyDocumentDto = z.infer<typeof policyDocumentSchema>;

const expectationSchema = z.object({ outcome: outcomeSchema, rules: z.array(z.string()) });

export const policyCaseResultSchema = z.object({
  name: z.string(),
  facts: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  expected: expectationSchema,
  actual: expectationSchema,
  passed: z.boolean(),
});
export type PolicyCaseResultDto = z.infer<typeof policyCaseResultSchema>;

export const policySummarySchema = z.object({
  version: z.string(),
  status: policyStatusSchema,
  policyHash: z.string(),
  description: z.string(),
  rules: z.int(),
  cases: z.object({ passed: z.int(), total: z.int() }),
  proposedBy: z.string(),
  proposedAt: isoTime,
  approvedBy: z.string().nullable(),
  changedAt: isoTime,
});
export type PolicySummaryDto = z.infer<typeof policySummarySchema>;
export const policiesSchema = z.object({ live: z.string().nullable(), versions: z.array(policySummarySchema) });
export type PoliciesDto = z.infer<typeof policiesSchema>;

export const policySchema = policySummarySchema.extend({
  policy: policyDocumentSchema,
  caseResults: z.array(policyCaseResultSchema),
  /** Rules that no case makes fire. */
  rulesWithoutCase: z.array(z.string()),
  history: z.array(
    z.object({ at: isoTime, event: z.string(), actor: z.string(), note: z.string().nullable(), sequence: z.int() }),
  ),
  /** What it said beside the live policy; null when it never ran in shadow. */
  shadow: z
    .object({
      decisions: z.int(),
      agree: z.int(),
      pairs: z.array(z.object({ real: outcomeSchema, shadow: outcomeSchema, count: z.int() })),
    })
    .nullable(),
});
export type PolicyDto = z.infer<typeof policySchema>;

export const policyChangesSchema = z.object({
  from: z.string(),
  to: z.string(),
  changes: z.array(
    z.object({
      part: z.enum(['rule', 'segment', 'order', 'limit', 'price', 'description']),
      name: z.string(),
      kind: z.enum(['added', 'removed', 'changed']),
      fields: z.array(z.string()),
      before: z.unknown(),
      after: z.unknown(),
    }),
  ),
});
export type PolicyChangesDto = z.infer<typeof policyChangesSchema>;

/** The policy is checked by its own schema, field by field, as a policy.json is. */
export const proposePolicySchema = z.strictObject({
  policy: z.record(z.string(), z.unknown()),
  /** Unset: the cases of the live version. */
  cases: z.array(z.record(z.string(), z.unknown())).max(1000).optional(),
  note: z.string().trim().min(1).max(2000),
});

export const checkedPolicySchema = z.object({
  caseResults: z.array(policyCaseResultSchema),
  rulesWithoutCase: z.array(z.string()),
  changes: policyChangesSchema.shape.changes,
});
export type CheckedPolicyDto = z.infer<typeof checkedPolicySchema>;

export const policyOperations = {
  listPolicies: {
    method: 'GET',
    path: '/policies',
    tag: 'policies',
    status: 200,
    summary: 'Versions of the credit policy, newest first',
    response: policiesSchema,
  },
  checkPolicy: {
    method: 'POST',
    path: '/policies/check',
    tag: 'policies',
    status: 200,
    summary: 'Try a credit policy on its cases and against the live one; nothing is stored',
    body: proposePolicySchema.omit({ note: true }),
    response: checkedPolicySchema,
  },
  proposePolicy: {
    method: 'POST',
    path: '/policies',
    tag: 'policies',
    status: 201,
    summary: 'Propose a new version of the credit policy, as a draft',
    body: proposePolicySchema,
    response: policySchema,
  },
  getPolicy: {
    method: 'GET',
    path: '/policies/:version',
    tag: 'policies',
    status: 200,
    summary: 'One version with its cases, its history and what it said in shadow',
    response: policySchema,
  },
  comparePolicies: {
    method: 'GET',
    path: '/policies/:version/changes',
    tag: 'policies',
    status: 200,
    summary: 'What a version changes against another',
    query: z.strictObject({ with: z.string().min(1).max(200) }),
    response: policyChangesSchema,
  },
  proposePolicyAgain: {
    method: 'POST',
    path: '/policies/:version/propose',
    tag: 'policies',
    status: 200,
    summary: 'Propose a retired or rejected version again',
    body: noteSchema,
    response: policySchema,
  },
  shadowPolicy: {
    method: 'POST',
    path: '/policies/:version/shadow',
    tag: 'policies',
    status: 200,
    summary: 'Try a draft beside the live policy, without effect',
    body: noteSchema,
    response: policySchema,
  },
  approvePolicy: {
    method: 'POST',
    path: '/policies/:version/approve',
    tag: 'policies',
    status: 200,
    summary: 'Make a proposed version the live credit policy',
    body: noteSchema,
    response: policySchema,
  },
  rejectPolicy: {
    method: 'POST',
    path: '/policies/:version/reject',
    tag: 'policies',
    status: 200,
    summary: 'Reject or withdraw a proposed version',
    body: noteSchema,
    response: policySchema,
  },
} as const;
