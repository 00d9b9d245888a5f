import {
  AssayError,
  type CreditPolicy,
  type DecisionOutcome,
  type JurisdictionRule,
  type Lender,
  type Portfolio,
  rulesInForce,
} from '../../domain/index.ts';
import { segmentOfTrace } from '../evaluate-policy.ts';
import type { DecisionBody, Offer } from '../record.ts';
import type { ReviewAnswer } from '../reviews/review.ts';
import { type BureauUse, bureauUseOf } from './bureau-use.ts';
import { deadlinesOf } from './deadlines.ts';
import type { Notice, NoticeKind, NoticeSection } from './notice.ts';
import { isPricedByRisk } from './pricing-tier.ts';
import { type PrincipalReason, principalReasons, reviewReasons } from './principal-reasons.ts';
import { sectionsOf } from './sections.ts';

/** How a person decided in the end, and on which day. */
export type FinalReview = Pick<ReviewAnswer, 'outcome' | 'code' | 'offerMinor'> & { readonly decidedOn: string };

export type NoticeRequest = {
  readonly portfolio: Portfolio;
  readonly body: DecisionBody;
  /** The policy that decided. */
  readonly policy: CreditPolicy;
  /** Inputs of the model version that decided. */
  readonly inputs: readonly string[];
  /** What would have changed the result, in words. */
  readonly counterfactuals: readonly string[];
  /** Where the borrower lives; default: the lender's. */
  readonly jurisdiction?: string | undefined;
  /** The answer of a person, where one decided: what is told then is theirs. */
  readonly review?: FinalReview | undefined;
};

/** What the borrower is told was done, by the machine or by a person. */
type Action = {
  readonly outcome: DecisionOutcome;
  readonly offer: Offer | null;
  readonly reasons: readonly PrincipalReason[];
  /** The day whose rules hold. */
  readonly day: string;
  readonly byPerson: boolean;
};

/**
 * The notice of a decision: what was done, the principal reasons, and every section that the rules of that place on the day of
 * the decision ask for. The same decision gives the same notice, however much later it is made.
 * @throws AssayError unavailable without a lender in the portfolio; bad_input for an unknown place; conflict when a decline has
 *   no reason that can be told
 */
export function buildNotice(request: NoticeRequest): Notice {
  const { portfolio, body, policy } = request;
  const lender = lenderOf(portfolio);
  const jurisdiction = request.jurisdiction ?? lender.jurisdiction;
  const action = actionOf(request);
  const { day, reasons, byPerson } = action;
  const rules = rulesInForce(jurisdiction, day);
  const bureau = bureauUseOf(portfolio, body, request.inputs, policy);
  refuseUnnamedBureau(lender, bureau, rules);
  const kind = kindOf(action, body, policy, bureau, rules);
  if (kind === 'adverse_action' && reasons.length === 0) throw noReason(body);
  const { modelVersion, result } = body;
  const { counterfactuals } = request;
  const context = { kind, lender, day, byPerson, bureau, modelVersion, score: result.score, reasons, counterfactuals };
  return {
    kind,
    decisionId: body.decisionId,
    jurisdiction,
    day,
    title: TITLES[kind],
    from: [lender.name, lender.address, ...(lender.phone ? [lender.phone] : [])],
    reference: `Loan application ${body.application.applicationId}, decision ${body.decisionId}`,
    sections: [
      actionSection(kind, action, body),
      ...reasonsSection(kind, reasons, rules),
      ...sectionsOf(context, rules),
    ],
    reasons: kind === 'adverse_action' || kind === 'counter_offer' ? reasons : [],
    deadlines: deadlinesOf({ kind, receivedOn: body.decidedAt.slice(0, 10), decidedOn: day, rules }),
    rules: rules.map(({ id, title, citation, source }) => ({ id, title, citation, source })),
    modelVersion,
    creditPolicyVersion: body.policyVersion,
  };
}

const TITLES: Readonly<Record<NoticeKind, string>> = {
  adverse_action: 'Notice of action taken and statement of reasons',
  counter_offer: 'Notice of counter-offer and statement of reasons',
  incomplete: 'Notice of incomplete application',
  under_review: 'Your application is under review',
  risk_based_pricing: 'Notice of approval and of the price of your credit',
  approval: 'Notice of approval',
};

function lenderOf({ name, lender }: Portfolio): Lender {
  if (lender) return lender;
  throw new AssayError('unavailable', {
    what: 'a notice must name the creditor, and the portfolio does not',
    given: name,
    fix: "add `lender` (name, address, jurisdiction) to the portfolio's portfolio.ts",
  });
}

function refuseUnnamedBureau(lender: Lender, bureau: BureauUse, rules: readonly JurisdictionRule[]): void {
  const asked = rules.some(({ gives }) => gives.includes('fcra_report') || gives.includes('database_consulted'));
  if (!bureau.report || lender.bureau || !asked) return;
  throw new AssayError('unavailable', {
    what: 'the decision used a consumer report, and a notice must name the agency it came from',
    given: lender.name,
    fix: "add `lender.bureau` (name, address, phone) to the portfolio's portfolio.ts",
  });
}

function actionOf({ body, policy, review }: NoticeRequest): Action {
  const { result } = body;
  if (!review) {
    const day = body.decidedAt.slice(0, 10);
    const { outcome, offer } = result;
    return { outcome, offer, reasons: principalReasons(body, policy), day, byPerson: false };
  }
  const { outcome, offerMinor, decidedOn } = review;
  const offer = outcome === 'counter_offer' ? personsOffer(body, offerMinor) : null;
  return { outcome, offer, reasons: reviewReasons(body, policy, review), day: decidedOn, byPerson: true };
}

/** The policy's offer with the amount that a person named, where they did. */
function personsOffer({ result, currency }: DecisionBody, amountMinor: number | undefined): Offer | null {
  const offer = result.offer ?? { amountMinor: null, currency, termMonths: null, annualRatePercent: null };
  return amountMinor === undefined ? offer : { ...offer, amountMinor };
}

function kindOf(
  { outcome, offer }: Action,
  { missing, result }: DecisionBody,
  policy: CreditPolicy,
  bureau: BureauUse,
  rules: readonly JurisdictionRule[],
): NoticeKind {
  if (outcome === 'declined') return 'adverse_action';
  if (outcome === 'counter_offer') return 'counter_offer';
  if (outcome === 'referred') return missing.length > 0 ? 'incomplete' : 'under_review';
  const isAsked = bureau.report && rules.some((rule) => rule.gives.includes('risk_based_pricing'));
  return isAsked && isPricedByRisk(policy.pricing, offer?.annualRatePercent ?? null, segmentOfTrace(result.trace))
    ? 'risk_based_pricing'
    : 'approval';
}

function actionSection(kind: NoticeKind, { offer }: Action, body: DecisionBody): NoticeSection {
  const money = (minor: number): string => `${(minor / 100).toFixed(2)} ${body.currency}`;
  const offered = offer && offer.amountMinor !== null ? money(offer.amountMinor) : null;
  const rate = offer && offer.annualRatePercent !== null ? ` at ${offer.annualRatePercent} % a year` : '';
  const texts: Readonly<Record<NoticeKind, string>> = {
    adverse_action: 'Thank you for your application. We cannot grant the credit you asked for.',
    counter_offer: `We cannot grant the credit on the terms you asked for. We can offer you ${offered ?? 'another amount'}${rate}. If you wish to accept this offer, tell us within 90 days; without your acceptance this is also our notice that the credit asked for is not granted.`,
    incomplete: `Your application is incomplete. We need: ${body.missing.join(', ')}. Send it within 30 days; without it we cannot consider the application further.`,
    under_review: 'A person is reviewing your application. You will hear from us about the action taken.',
    risk_based_pricing: `Your application was approved: ${offered ?? 'the amount asked for'}${rate}.`,
    approval: `Your application was approved: ${offered ?? 'the amount asked for'}${rate}.`,
  };
  return { title: 'Action taken', paragraphs: [texts[kind]], rules: [] };
}

function reasonsSection(
  kind: NoticeKind,
  reasons: readonly { readonly text: string }[],
  rules: readonly JurisdictionRule[],
): NoticeSection[] {
  if (kind !== 'adverse_action' && kind !== 'counter_offer') return [];
  const asking = rules.filter((rule) => rule.gives.includes('statement_of_reasons')).map((rule) => rule.id);
  const paragraphs = ['The principal reasons, the most important first:'];
  return [{ title: 'Reasons', paragraphs, items: reasons.map(({ text }) => text), rules: asking }];
}

function noReason(body: DecisionBody): AssayError {
  return new AssayError('conflict', {
    what: 'this decline has no principal reason that can be told',
    given: body.result.outcomeReasons.map(({ text }) => text).join('; '),
    allowed: 'a reason of the score, or of a rule on a fact of the applicant',
    fix: 'have a person review the decision',
  });
}
