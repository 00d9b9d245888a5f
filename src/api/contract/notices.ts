import { z } from 'zod';
import { isoTime, pageQuery } from './common.ts';

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

const noticeKindSchema = noticeSchema.shape.kind;
/** decision: told as it was made; review: told as a person decided. */
export const noticeAboutSchema = z.enum(['decision', 'review']);
export const noticeChannelSchema = z.enum(['post', 'email', 'portal', 'in_person']);
export type NoticeChannelDto = z.infer<typeof noticeChannelSchema>;
export const dutyFilterSchema = z.enum(['due', 'overdue', 'waits', 'issued']);
export type DutyFilterDto = z.infer<typeof dutyFilterSchema>;

/** Something that an applicant must be told. */
export const noticeDutySchema = z.object({
  decisionId: z.string(),
  about: noticeAboutSchema,
  applicationId: z.string(),
  caseId: z.string().nullable(),
  kind: noticeKindSchema,
  jurisdiction: z.string(),
  /** waits: a person has not decided yet. */
  state: z.enum(['waits', 'due', 'issued']),
  openedAt: isoTime,
  /** The last day; null where no rule of the place sets one. */
  dueOn: z.string().nullable(),
  rule: z.string().nullable(),
  urgency: z.enum(['overdue', 'urgent', 'in_time']),
  issuedAt: isoTime.nullable(),
  issuedBy: z.string().nullable(),
  channel: noticeChannelSchema.nullable(),
  /** sha256 of the document that was issued. */
  documentHash: z.string().nullable(),
});
export type NoticeDutyDto = z.infer<typeof noticeDutySchema>;

export const noticeDutiesSchema = z.object({
  rows: z.array(noticeDutySchema),
  total: z.int(),
  counts: z.object({ due: z.int(), overdue: z.int(), urgent: z.int(), waits: z.int() }),
  urgentDays: z.int(),
});
export type NoticeDutiesDto = z.infer<typeof noticeDutiesSchema>;

export const noticeOperations = {
  listNotices: {
    method: 'GET',
    path: '/notices',
    tag: 'notices',
    status: 200,
    summary: 'What applicants must be told, by the day it is due',
    query: z.strictObject({ ...pageQuery, state: dutyFilterSchema.optional() }),
    response: noticeDutiesSchema,
  },
  issueNotice: {
    method: 'POST',
    path: '/notices/:decisionId/:about/issue',
    tag: 'notices',
    status: 200,
    summary: 'Issue a notice: the exact document is kept and its hash entered in the audit log',
    body: z.strictObject({ channel: noticeChannelSchema }),
    response: noticeDutySchema,
  },
  getIssuedNotice: {
    method: 'GET',
    path: '/notices/:decisionId/:about/document',
    tag: 'notices',
    status: 200,
    summary: 'The very document that was issued',
    response: null,
  },
} as const;

export const rulesQuerySchema = z.strictObject({ jurisdiction, on: day });
export const rulesSchema = z.object({ jurisdiction: z.string(), on: z.string(), rules: z.array(ruleSchema) });
