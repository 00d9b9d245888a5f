import { z } from 'zod';
import { intervalSchema } from './common.ts';

const maybe = intervalSchema.nullable();
const name = z.string().min(1).max(100);

const groupFairnessSchema = z.object({
  name: z.string(),
  count: z.int(),
  isReference: z.boolean(),
  /** Below the minimum size: shown, without figures. */
  tooFew: z.boolean(),
  approvalRate: maybe,
  /** Against the reference; null for it. */
  adverseImpactRatio: maybe,
  /** Cohen's d of the score, more = safer. */
  scoreDifference: maybe,
  /** Of those who repaid, the share not approved. */
  falseDeclineRate: maybe,
  /** Of those who defaulted, the share approved. */
  falseApprovalRate: maybe,
  auc: maybe,
  meanPd: z.number().nullable(),
  defaultRate: maybe,
});
export type GroupFairnessDto = z.infer<typeof groupFairnessSchema>;

export const fairnessTraitsSchema = z.object({
  minimumGroup: z.int(),
  /** A convention for screening, not a legal threshold. */
  screen: z.number(),
  traits: z.array(z.object({ name: z.string(), title: z.string() })),
});

export const fairnessGroupsSchema = z.object({
  trait: z.string(),
  title: z.string(),
  reference: z.string(),
  /** Applications whose trait is not known. */
  unknown: z.int(),
  policy: z.array(groupFairnessSchema),
  cutOffs: z.array(z.object({ cutOff: z.number(), groups: z.array(groupFairnessSchema) })),
});
export type FairnessGroups = z.infer<typeof fairnessGroupsSchema>;

const candidateSchema = z.object({
  id: z.string(),
  kind: z.enum(['as_is', 'features_left_out', 'damped']),
  what: z.string(),
  usesTraitInFitting: z.boolean(),
  auc: intervalSchema,
  adverseImpactRatio: maybe,
  group: z.string().nullable(),
  onFrontier: z.boolean(),
});
export type CandidateDto = z.infer<typeof candidateSchema>;

const searchSchema = z.object({
  trait: z.string(),
  reference: z.string(),
  rows: z.int(),
  features: z.int(),
  approvedShare: z.number(),
  scans: z.array(
    z.object({
      group: z.string(),
      members: z.int(),
      together: maybe,
      proxies: z.array(z.object({ feature: z.string(), auc: intervalSchema, isProxy: z.boolean() })),
    }),
  ),
  alternatives: z.array(candidateSchema),
});

export const fairnessSearchSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('computing'), done: z.int(), total: z.int() }),
  z.object({ state: z.literal('failed'), detail: z.string() }),
  z.object({ state: z.literal('ready'), result: searchSchema }),
]);
export type FairnessSearch = z.infer<typeof fairnessSearchSchema>;

export const fairnessOperations = {
  listFairnessTraits: {
    method: 'GET',
    path: '/fairness/traits',
    tag: 'fairness',
    status: 200,
    summary: 'Protected traits that are kept for fairness checks',
    response: fairnessTraitsSchema,
  },
  getFairnessGroups: {
    method: 'GET',
    path: '/fairness/groups',
    tag: 'fairness',
    status: 200,
    summary: 'Approval, impact ratios, error rates and score differences by group, at each cut-off',
    query: z.strictObject({ trait: name, reference: name.optional() }),
    response: fairnessGroupsSchema,
  },
  getFairnessSearch: {
    method: 'GET',
    path: '/fairness/alternatives',
    tag: 'fairness',
    status: 200,
    summary: 'Proxies of a trait, and less discriminatory alternatives; starts the search when first asked',
    query: z.strictObject({ trait: name }),
    response: fairnessSearchSchema,
  },
} as const;
