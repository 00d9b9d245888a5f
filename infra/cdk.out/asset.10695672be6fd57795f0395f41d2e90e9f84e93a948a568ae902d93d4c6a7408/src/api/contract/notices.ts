import { z } from 'zod';

const jurisdiction = z
  .string()
  .regex(/^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$/, 'a country (US, DE, UK), EU, EEA, or a state such as US-CO');
const day = z.iso.date();

export const noticeQuerySchema = z.strictObject({
  /** Where the borrower lives; unset: the jurisdiction of the lender. */
  jurisdiction: jurisdiction.optional(),
  format: z.enum(['json', 'html', 'pdf']).default('json'),
});

export const ruleSchema = z.object({
  id: z.string(),
  jurisdiction: z.string(),
  title: z.string(),
  citation: z.string(),
  /** First and last day in force; null = no bound. */
  from: z.string().nullable(),
  to: z.string().nullable(),
  source: z.enum(['primary', 'secondary']),
  gives: z.array(z.string()),
  control: z.string(),
  test: z.string(),
});

/** What is sent to a borrower. */
export const noticeSchema = z.object({
  kind: z.enum(['adverse_action', 'counter_offer', 'incomplete', 'under_review', 'risk_based_pricing', 'approval']),
  decisionId: z.string(),
  jurisdiction: z.string(),
  day: z.string(),
  title: z.string(),
  from: z.array(z.string()),
  reference: z.string(),
  sections: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(z.string()),
      items: z.array(z.string()).optional(),
      /** Ids of the rules that ask for it. */
      rules: z.array(z.string()),
    }),
  ),
  /** The principal reasons, at most four, most important first. */
  reasons: z.array(z.object({ code: z.string(), text: z.string() })),
  deadlines: z.array(z.object({ what: z.string(), dueOn: z.string(), rule: z.string() })),
  rules: z.array(ruleSchema.pick({ id: true, title: true, citation: true, source: true })),
  modelVersion: z.string(),
  creditPolicyVersion: z.string(),
});
export type NoticeDto = z.infer<typeof noticeSchema>;

export const rulesQuerySchema = z.strictObject({ jurisdiction, on: day });
export const rulesSchema = z.object({ jurisdiction: z.string(), on: z.string(), rules: z.array(ruleSchema) });
