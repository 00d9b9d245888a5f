import type { JurisdictionRule } from '../../domain/index.ts';
import { addDays, dueOf } from './deadlines.ts';
import type { NoticeKind } from './notice.ts';

/** A duty is told as the decision was made, or as a person decided. */
export type DutySubject = 'decision' | 'review';
/** `waits`: a person has not decided yet. */
export type DutyState = 'waits' | 'due' | 'issued';
/** How a notice reached the borrower. */
export type NoticeChannel = 'post' | 'email' | 'portal' | 'in_person';

/** Something that an applicant must be told. */
export type NoticeDuty = {
  readonly decisionId: string;
  readonly about: DutySubject;
  readonly applicationId: string;
  readonly caseId: string | null;
  readonly kind: NoticeKind;
  readonly jurisdiction: string;
  readonly state: DutyState;
  readonly openedAt: Date;
  /** The last day; null where no rule of the place sets one. */
  readonly dueOn: string | null;
  readonly rule: string | null;
  readonly issuedAt: Date | null;
  readonly issuedBy: string | null;
  readonly channel: NoticeChannel | null;
  /** sha256 of the HTML that was issued. */
  readonly documentHash: string | null;
};

/** What an issued document is sealed for. */
export const documentContext = ({ decisionId, about }: Pick<NoticeDuty, 'decisionId' | 'about'>): string =>
  `notice ${decisionId} ${about}`;

/** Days before the last one from which a duty is called urgent. */
export const URGENT_DAYS = 7;
export type Urgency = 'overdue' | 'urgent' | 'in_time';

/** @example urgencyOf('2026-11-30', '2026-12-01') // 'overdue' */
export function urgencyOf(dueOn: string | null, today: string): Urgency {
  if (dueOn === null || dueOn > addDays(today, URGENT_DAYS)) return 'in_time';
  return dueOn < today ? 'overdue' : 'urgent';
}

export type NewDuty = Pick<NoticeDuty, 'about' | 'kind' | 'state' | 'dueOn' | 'rule'>;

/**
 * The duties that a decision opens: to tell what was done; of a referred one, to ask for what is missing, and to tell what a person
 * will decide, by the day counted from the application. An approval opens one where the price must be explained.
 */
export function dutiesOf(
  decision: {
    readonly outcome: 'approved' | 'declined' | 'counter_offer' | 'referred';
    readonly decidedOn: string;
    readonly isIncomplete: boolean;
    readonly isPricedByRisk: boolean;
  },
  rules: readonly JurisdictionRule[],
): NewDuty[] {
  const { outcome, decidedOn } = decision;
  const told = (about: DutySubject, kind: NoticeKind, state: DutyState): NewDuty =>
    withDay({ about, kind, state }, { receivedOn: decidedOn, decidedOn, rules });
  switch (outcome) {
    case 'declined':
      return [told('decision', 'adverse_action', 'due')];
    case 'counter_offer':
      return [told('decision', 'counter_offer', 'due')];
    case 'approved':
      return decision.isPricedByRisk ? [told('decision', 'risk_based_pricing', 'due')] : [];
    case 'referred': {
      const waits = told('review', 'under_review', 'waits');
      return decision.isIncomplete ? [told('decision', 'incomplete', 'due'), waits] : [waits];
    }
  }
}

const KIND_OF_REVIEW = {
  approved: 'approval',
  declined: 'adverse_action',
  counter_offer: 'counter_offer',
} as const;

/** What a person's answer turns the duty into: at the latest on the day counted from the application, sooner where a rule says so. */
export function dutyOfReview(
  review: {
    readonly outcome: keyof typeof KIND_OF_REVIEW;
    readonly receivedOn: string;
    readonly decidedOn: string;
    readonly isContested: boolean;
  },
  rules: readonly JurisdictionRule[],
): NewDuty {
  const { outcome, decidedOn, isContested } = review;
  // a decision that was told already and looked at again counts from the second look
  const receivedOn = isContested ? decidedOn : review.receivedOn;
  return withDay({ about: 'review', kind: KIND_OF_REVIEW[outcome], state: 'due' }, { receivedOn, decidedOn, rules });
}

function withDay(
  duty: Pick<NewDuty, 'about' | 'kind' | 'state'>,
  days: { readonly receivedOn: string; readonly decidedOn: string; readonly rules: readonly JurisdictionRule[] },
): NewDuty {
  const due = dueOf({ kind: duty.kind, ...days });
  return { ...duty, dueOn: due?.dueOn ?? null, rule: due?.rule ?? null };
}
