import {
  LEASE_MINUTES,
  lentReports,
  REVIEW_CODES,
  type ReviewAnswer,
  type ReviewCase,
  type ReviewCode,
} from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import type { ReviewDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type ReviewHandlers = Pick<
  Handlers,
  | 'listReviews'
  | 'contestDecision'
  | 'listReviewers'
  | 'getReview'
  | 'claimReview'
  | 'releaseReview'
  | 'decideReview'
  | 'secondReview'
>;

const CODES = Object.entries(REVIEW_CODES).map(([code, text]) => ({ code, text }));

export function reviewHandlers({ reviews, views }: ApiDependencies): ReviewHandlers {
  return {
    listReviews: async ({ query }) => {
      await reviews.openReferred();
      const { page, pageSize, status } = query;
      const { rows, total } = await reviews.list({ status, limit: pageSize, offset: (page - 1) * pageSize });
      return { rows: rows.map(reviewDto), total, leaseMinutes: LEASE_MINUTES, codes: CODES };
    },
    contestDecision: async ({ body, user }) =>
      reviewDto(await reviews.contest(body.decisionId, user.username, body.request)),
    listReviewers: async () => {
      const lent = await reviews.lent();
      const outcomes = await views.knownOutcomes(lent.map(({ applicationId }) => applicationId));
      return {
        reviewers: (await reviews.reviewers()).map((report) => ({ ...report, alarms: [...report.alarms] })),
        lent: lentReports(lent, outcomes),
      };
    },
    getReview: async ({ parameters }) => reviewDto(await reviews.get(parameters.caseId)),
    claimReview: async ({ parameters, user }) => reviewDto(await reviews.claim(parameters.caseId, user.username)),
    releaseReview: async ({ parameters, user }) => reviewDto(await reviews.release(parameters.caseId, user.username)),
    decideReview: async ({ parameters, body, user }) =>
      reviewDto(await reviews.decide(parameters.caseId, user.username, answerOf(body))),
    secondReview: async ({ parameters, body, user }) =>
      reviewDto(await reviews.second(parameters.caseId, user.username, body)),
  };
}

function answerOf(body: Omit<ReviewAnswer, 'code'> & { readonly code: string }): ReviewAnswer {
  if (isCode(body.code)) return { ...body, code: body.code };
  const allowed = Object.keys(REVIEW_CODES).join(', ');
  throw new AssayError('bad_input', {
    what: 'there is no such review code',
    given: body.code,
    allowed,
    fix: 'choose one; details go into the note',
    issues: [{ path: 'code', message: `one of ${allowed}` }],
  });
}

const isCode = (code: string): code is ReviewCode => Object.hasOwn(REVIEW_CODES, code);

export function reviewDto({ claimedAt: _, ...found }: ReviewCase): ReviewDto {
  return {
    ...found,
    openedAt: found.openedAt.toISOString(),
    leasedUntil: found.leasedUntil?.toISOString() ?? null,
    firstAt: found.firstAt?.toISOString() ?? null,
    decidedAt: found.decidedAt?.toISOString() ?? null,
  };
}
