import type { FeatureDefinition, FeatureValue, Portfolio } from '../domain/index.ts';
import { compileRevision, tablesOf } from '../features/index.ts';
import { attributionsByCode, verifyReasons } from '../scoring/index.ts';
import { type Counterfactual, findCounterfactuals } from './counterfactual.ts';
import { describeCounterfactual } from './describe-counterfactual.ts';
import { leversOf } from './levers.ts';
import type { ModelSource, OpenModel } from './model.ts';
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
  /** What attributions are measured against. */
  readonly reference: string;
  /** Version of the reason dictionary of the model that decided. */
  readonly reasonsVersion: string | null;
  /** Log-odds of default before calibration: reference + all attributions = margin. */
  readonly margin: { readonly reference: number; readonly value: number };
  /** All of them, by reason code, largest first; above 0 = raised the pd. */
  readonly attributions: readonly {
    readonly code: string;
    readonly text: string;
    readonly attribution: number;
    readonly features: readonly string[];
  }[];
  /** What is not true of the reasons in the record; empty when they hold. */
  readonly faults: readonly string[];
  readonly counterfactuals: readonly (Counterfactual & { readonly text: string })[];
};

const OUTCOME_TEXT: Readonly<Record<DecisionBody['result']['outcome'], string>> = {
  approved: 'was approved',
  declined: 'was declined',
  referred: 'was sent to a person for review',
  counter_offer: 'was answered with an offer of a smaller amount',
};

export type ExplainDependencies = {
  readonly portfolio: Portfolio;
  readonly models: ModelSource;
  readonly store: DecisionStore;
};

/**
 * Says in plain language what was decided and why, from the record alone; whether its reasons are true of the model that
 * decided; and what would have had to be different for an approval, scored again by the same model and policy.
 * @throws AssayError not_found; tampered when the model or the policy is not what it was
 */
export async function explainDecision(dependencies: ExplainDependencies, decisionId: string): Promise<Explanation> {
  const { body } = await findDecision(dependencies.store, decisionId);
  const model = await dependencies.models.version(body.modelVersion);
  const { manifest, scorer } = model;
  const { reference, byFeature } = scorer.attributions(body.features);
  const definitions = new Map(dependencies.portfolio.features.features.map((feature) => [feature.name, feature]));
  const counterfactuals = await counterfactualsOf(dependencies, body, model);
  return {
    decisionId,
    summary: `Loan application ${body.application.applicationId} ${OUTCOME_TEXT[body.result.outcome]} on ${body.decidedAt.slice(0, 10)}.`,
    paragraphs: [
      ...outcomeParagraphs(body),
      scoreParagraph(body),
      ...factorParagraph(body),
      ...offerParagraph(body),
      ...missingParagraph(body),
      ...counterfactualParagraphs(body, counterfactuals),
    ],
    factors: body.result.reasons.map((reason) => factorOf(reason, body, definitions.get(reason.feature))),
    reference: manifest.reference.note,
    reasonsVersion: body.reasonsHash ?? manifest.reasonsHash ?? null,
    margin: { reference, value: body.result.margin },
    attributions: attributionsByCode(manifest.reasons, byFeature),
    faults: verifyReasons(scorer, manifest, body.features, body.result.reasons),
    counterfactuals,
  };
}

async function counterfactualsOf(
  { portfolio, store }: ExplainDependencies,
  body: DecisionBody,
  model: OpenModel,
): Promise<Explanation['counterfactuals']> {
  if (body.result.outcome === 'approved') return [];
  const { features, missing, currency, application } = body;
  const fraud = body.fraud?.assessment;
  const policy = await store.policy(body.policyHash);
  const found = findCounterfactuals(
    { policy, model, columns: application.columns, features, missing, fraud, currency },
    leversOf(portfolio),
    compileRevision(portfolio.features, tablesOf(portfolio)),
  );
  return found.map((one) => ({ ...one, text: describeCounterfactual(one, application.columns, portfolio) }));
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

function factorParagraph({ result }: DecisionBody): string[] {
  if (result.reasons.length === 0) return [];
  const texts = result.reasons.map(({ text, points }) => `${text} (${Math.round(points)} points)`);
  return [`What lowered the score most, against an average applicant: ${texts.join('; ')}.`];
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

function counterfactualParagraphs(
  { result, missing }: DecisionBody,
  found: Explanation['counterfactuals'],
): readonly string[] {
  if (result.outcome === 'approved' || missing.length > 0) return [];
  if (found.length > 0) return found.map(({ text }) => text);
  return ['No change of the request or of conduct alone, within what a borrower can move, would have led to approval.'];
}
