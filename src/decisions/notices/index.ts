export { buildNotice, type FinalReview, type NoticeRequest } from './build-notice.ts';
export { type BureauUse, bureauUseOf, keyFactorsOf } from './bureau-use.ts';
export { addDays, addMonths, deadlinesOf } from './deadlines.ts';
export {
  type DutyState,
  type DutySubject,
  type NoticeChannel,
  type NoticeDuty,
  URGENT_DAYS,
  type Urgency,
  urgencyOf,
} from './duty.ts';
export { type Deadline, NOTICE_KINDS, type Notice, type NoticeKind, type NoticeSection } from './notice.ts';
export { type NoticeOptions, noticeOfDecision } from './notice-of-decision.ts';
export { type DutyCounts, type DutyFilter, type Issuing, NoticeStore } from './notice-store.ts';
export { isPricedByRisk } from './pricing-tier.ts';
export { MAX_PRINCIPAL_REASONS, principalReasons } from './principal-reasons.ts';
export { noticeHtml } from './render-html.ts';
export { noticePdf } from './render-pdf.ts';
