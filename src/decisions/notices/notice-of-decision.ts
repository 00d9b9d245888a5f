import { type ExplainDependencies, explainDecision } from '../explain.ts';
import { findDecision } from '../replay.ts';
import { buildNotice, type FinalReview } from './build-notice.ts';
import type { Notice } from './notice.ts';

export type NoticeOptions = {
  readonly jurisdiction?: string | undefined;
  /** The answer of a person that is told in place of the decision itself. */
  readonly review?: FinalReview | undefined;
};

/**
 * The notice of a recorded decision, from its record, the model version and the policy that decided.
 * @throws AssayError not_found, tampered, and as `buildNotice`
 */
export async function noticeOfDecision(
  dependencies: ExplainDependencies,
  decisionId: string,
  { jurisdiction, review }: NoticeOptions = {},
): Promise<Notice> {
  const { body } = await findDecision(dependencies.store, decisionId);
  const { manifest } = await dependencies.models.version(body.modelVersion);
  const { counterfactuals } = await explainDecision(dependencies, decisionId);
  return buildNotice({
    portfolio: dependencies.portfolio,
    body,
    policy: await dependencies.store.policy(body.policyHash),
    inputs: manifest.inputs.map((input) => input.name),
    counterfactuals: counterfactuals.map(({ text }) => text),
    jurisdiction,
    review,
  });
}
