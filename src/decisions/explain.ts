import type { FeatureDefinition, FeatureValue, Portfolio } from '../domain/index.ts';
import type { ModelSource } from './model.ts';
import type { DecisionBody, DecisionReason } from './record.ts';
import { findDecision } from './replay.ts';
import type { DecisionStore } from './store.ts';

export type Explanation = {
  readonly decisionId: string;
  readonly summary: string;
  readonly paragraphs: readonly string[];
  readonly factors: readonly {
    readonly code: string;
    readonly text: string;
    readonly feature: string;
    readonly featureTitle: string;
    readonly value: FeatureValue;
    readonly unit: string;
    readonly points: number;
  }[];
  readonly reference: string;
};

const OUTCOME_TEXT: Readonly<Record<DecisionBody['result']['outcome'], string>> = {
  approved: 'was approved',
  declined: 'was declined',
  referred: 'was sent to a person for review',
  counter_offer: 'was answered with an offer of a smaller amount',
};

/**
 * Says in plain language what was decided and why, from the record alone.
 * @throws AssayError not_found; tampered when the model is not what it was
 */
export async function explainDecision(
  dependencies: { readonly portfolio: Portfolio; readonly models: ModelSource; readonly store: DecisionStore },
  decisionId: string,
): Promise<Explanation> {
  const { body } = await findDecision(dependencies.store, decisionId);
  const { manifest } = await dependencies.models.version(body.modelVersion);
  const definitions = new Map(dependencies.portfolio.features.features.map((feature) => [feature.name, feature]));
  return {
    decisionId,
    summary: `Loan application ${body.application.applicationId} ${OUTCOME_TEXT[body.result.outcome]} on ${body.decidedAt.slice(0, 10)}.`,
    paragraphs: [...outcomeParagraphs(body), scoreParagraph(body), ...offerParagraph(body), ...missingParagraph(body)],
    factors: body.result.reasons.map((reason) => factorOf(reason, body, definitions.get(reason.feature))),
    reference: manifest.reference.note,
  };
}

function factorOf(reason: DecisionReason, body: DecisionBody, definition: FeatureDefinition | undefined) {
  return {
    code: reason.code,
    text: reason.text,
    feature: reason.feature,
    featureTitle: definition?.title ?? reason.feature,
    value: body.features[reason.feature] ?? null,
    unit: definition?.unit ?? '',
    points: reason.points,
  };
}

function outcomeParagraphs({ result }: DecisionBody): string[] {
  if (result.outcomeReasons.length === 0) return ['No rule of the credit policy spoke against it.'];
  return [`The decision rests on: ${result.outcomeReasons.map((reason) => reason.text).join('; ')}.`];
}

function scoreParagraph({ result, asOf, modelVersion }: DecisionBody): string {
  const percent = (result.pd * 100).toFixed(result.pd < 0.01 ? 2 : 1);
  return (
    `From what was known before ${asOf.slice(0, 10)}, about ${percent} of 100 loans like this one are expected to default: ` +
    `score ${Math.round(result.score)}, grade ${result.grade} (model version ${modelVersion}).`
  );
}

function offerParagraph({ result }: DecisionBody): string[] {
  const { offer } = result;
  if (!offer || offer.amountMinor === null) return [];
  const amount = `${(offer.amountMinor / 100).toFixed(2)} ${offer.currency}`;
  const rate = offer.annualRatePercent === null ? '' : ` at ${offer.annualRatePercent} % a year`;
  const term = offer.termMonths === null ? '' : ` over ${offer.termMonths} months`;
  return [`Offered: ${amount}${term}${rate}.`];
}

function missingParagraph({ missing }: DecisionBody): string[] {
  return missing.length === 0 ? [] : [`Missing: ${missing.join(', ')}. What is not known is not approved.`];
}
