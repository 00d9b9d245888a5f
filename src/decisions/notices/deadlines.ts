import type { JurisdictionRule } from '../../domain/index.ts';
import type { Deadline, NoticeKind } from './notice.ts';

/** 12 CFR 1002.9(a)(1)(i): after a completed application is received. */
const NOTICE_DAYS = 30;
/** 12 CFR 1002.9(a)(1)(iv): after a counter-offer that the applicant neither accepts nor uses. */
const COUNTER_OFFER_DAYS = 90;
/** 12 CFR 1002.12(b)(1), months; consumer credit. */
const RECORD_MONTHS = 25;
/** Colorado: a description of an adverse decision. */
const DESCRIPTION_DAYS = 30;

/** Days in UTC: a period of n days after a day ends n days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The same day of a later month, or its last day. */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/**
 * What must have happened by when. `receivedOn`: the day of the completed loan application; `decidedOn`: of the decision.
 * @example deadlinesOf({ kind: 'adverse_action', receivedOn: '2026-11-01', decidedOn: '2026-11-02', rules })[0] // 2026-12-01
 */
export function deadlinesOf(input: {
  readonly kind: NoticeKind;
  readonly receivedOn: string;
  readonly decidedOn: string;
  readonly rules: readonly JurisdictionRule[];
}): Deadline[] {
  const { kind, receivedOn, decidedOn } = input;
  return input.rules.flatMap((rule): Deadline[] => {
    const due = (what: string, dueOn: string): Deadline => ({ what, dueOn, rule: rule.id });
    switch (rule.id) {
      case 'us-ecoa-notice':
        return [
          due(`notice of ${ACTION[kind]} is sent`, addDays(receivedOn, NOTICE_DAYS)),
          ...(kind === 'counter_offer'
            ? [
                due(
                  'notice of adverse action, unless the offer was accepted or used',
                  addDays(decidedOn, COUNTER_OFFER_DAYS),
                ),
              ]
            : []),
        ];
      case 'us-ecoa-records':
        return [
          due('application, information, notice and reasons are kept until then', addMonths(decidedOn, RECORD_MONTHS)),
        ];
      case 'us-co-admt':
        return kind === 'adverse_action'
          ? [due('description of the decision is sent', addDays(decidedOn, DESCRIPTION_DAYS))]
          : [];
      case 'eu-ccd-2008':
      case 'eu-ccd-2023':
        return kind === 'adverse_action' ? [due('rejection is told, without delay', decidedOn)] : [];
      default:
        return [];
    }
  });
}

/** The day by which the notice itself must be out; undefined where no rule of the place sets one. */
export function dueOf(input: Parameters<typeof deadlinesOf>[0]): Deadline | undefined {
  return deadlinesOf(input)
    .filter(({ rule }) => rule !== 'us-ecoa-records')
    .reduce<Deadline | undefined>((first, one) => (first && first.dueOn <= one.dueOn ? first : one), undefined);
}

const ACTION: Readonly<Record<NoticeKind, string>> = {
  adverse_action: 'adverse action',
  counter_offer: 'the counter-offer',
  incomplete: 'incompleteness, or of adverse action,',
  under_review: 'the action taken',
  risk_based_pricing: 'the action taken',
  approval: 'approval',
};
