import { z } from 'zod';
import { intervalSchema, isoTime, minorUnits, pageQuery, share } from './common.ts';

export const reviewStatusSchema = z.enum(['open', 'claimed', 'second', 'decided']);
export type ReviewStatusDto = z.infer<typeof reviewStatusSchema>;
export const reviewOutcomeSchema = z.enum(['approved', 'declined', 'counter_offer']);
export type ReviewOutcomeDto = z.infer<typeof reviewOutcomeSchema>;

export const reviewSchema = z.object({
  caseId: z.string(),
  decisionId: z.string(),
  applicationId: z.string(),
  /** referred by the policy, or contested by somebody */
  origin: z.enum(['referred', 'contested']),
  request: z.string().nullable(),
  openedAt: isoTime,
  /** What a perfect reviewer would save or earn on average: min(pd * loss, (1 - pd) * interest). The queue is ordered by it. */
  priorityMinor: minorUnits,
  amountMinor: minorUnits.nullable(),
  submittedBy: z.string(),
  /** What the policy says when nothing is referred; another answer is an override. */
  lean: reviewOutcomeSchema,
  needsSecond: z.boolean(),
  status: reviewStatusSchema,
  claimedBy: z.string().nullable(),
  leasedUntil: isoTime.nullable(),
  outcome: reviewOutcomeSchema.nullable(),
  /** Amount of a person's counter-offer. */
  offerMinor: minorUnits.nullable(),
  code: z.string().nullable(),
  note: z.string().nullable(),
  firstBy: z.string().nullable(),
  firstAt: isoTime.nullable(),
  dwellMs: z.int().nullable(),
  secondBy: z.string().nullable(),
  decidedAt: isoTime.nullable(),
});
export type ReviewDto = z.infer<typeof reviewSchema>;

export const reviewsSchema = z.object({
  rows: z.array(reviewSchema),
  total: z.int(),
  leaseMinutes: z.int(),
  codes: z.array(z.object({ code: z.string(), text: z.string() })),
});
export type ReviewsDto = z.infer<typeof reviewsSchema>;

const noteText = z.string().trim().min(10).max(4000);

export const reviewAnswerSchema = z.strictObject({
  outcome: reviewOutcomeSchema,
  code: z.string().min(1).max(50),
  /** Why; a sentence, not a dot. */
  note: noteText,
  /** Of a counter-offer, below the amount asked for; unset: what the policy offers. */
  offerMinor: minorUnits.positive().optional(),
});

export const reviewersSchema = z.object({
  reviewers: z.array(
    z.object({
      reviewer: z.string(),
      answers: z.int(),
      medianDwellMs: z.number(),
      quickShare: share,
      outcomes: z.object({ approved: z.int(), declined: z.int(), counter_offer: z.int() }),
      alarms: z.array(z.enum(['too_quick', 'always_the_same'])),
    }),
  ),
  /** What became of the loans that people gave. */
  lent: z.array(
    z.object({
      by: z.enum(['reviewer', 'code', 'override']),
      name: z.string(),
      lent: z.int(),
      /** Of these, loans whose outcome window is over. */
      known: z.int(),
      defaulted: z.int(),
      badRate: intervalSchema.nullable(),
      /** What the model expected of the known. */
      meanPd: share.nullable(),
    }),
  ),
});
export type ReviewersDto = z.infer<typeof reviewersSchema>;

export const reviewOperations = {
  listReviews: {
    method: 'GET',
    path: '/reviews',
    tag: 'reviews',
    status: 200,
    summary: 'Cases for people, what matters most first',
    query: z.strictObject({ ...pageQuery, status: reviewStatusSchema.optional() }),
    response: reviewsSchema,
  },
  contestDecision: {
    method: 'POST',
    path: '/reviews',
    tag: 'reviews',
    status: 201,
    summary: 'Ask for a person to look at a decision again',
    body: z.strictObject({ decisionId: z.string().min(1).max(100), request: noteText }),
    response: reviewSchema,
  },
  listReviewers: {
    method: 'GET',
    path: '/reviews/reviewers',
    tag: 'reviews',
    status: 200,
    summary: 'How people decide, and what became of the loans they gave',
    response: reviewersSchema,
  },
  getReview: {
    method: 'GET',
    path: '/reviews/:caseId',
    tag: 'reviews',
    status: 200,
    summary: 'One case',
    response: reviewSchema,
  },
  claimReview: {
    method: 'POST',
    path: '/reviews/:caseId/claim',
    tag: 'reviews',
    status: 200,
    summary: 'Take a case, or renew the lease on it',
    body: z.strictObject({}),
    response: reviewSchema,
  },
  releaseReview: {
    method: 'POST',
    path: '/reviews/:caseId/release',
    tag: 'reviews',
    status: 200,
    summary: 'Give a case back to the queue',
    body: z.strictObject({}),
    response: reviewSchema,
  },
  decideReview: {
    method: 'POST',
    path: '/reviews/:caseId/decide',
    tag: 'reviews',
    status: 200,
    summary: 'Answer a case, with a code and the reason',
    body: reviewAnswerSchema,
    response: reviewSchema,
  },
  secondReview: {
    method: 'POST',
    path: '/reviews/:caseId/second',
    tag: 'reviews',
    status: 200,
    summary: 'Agree, as the second person, or send the case back',
    body: z.strictObject({ agrees: z.boolean(), note: noteText }),
    response: reviewSchema,
  },
} as const;
