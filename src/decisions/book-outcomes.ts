import type { DecisionOutcome, FeatureRow } from '../domain/index.ts';
import { missingColumns } from './application.ts';
import { type BookSource, readApplicationColumns } from './application-rows.ts';
import { outcomeWith, policyFacts } from './decide.ts';
import { evaluatePolicy } from './evaluate-policy.ts';

export type BookApplication = {
  readonly applicationId: string;
  readonly features: FeatureRow;
  readonly score: { readonly pd: number; readonly score: number; readonly grade: string };
};

/**
 * What the credit policy says to each application of a whole book: the `outcomeOf` of batch scoring. Reads the columns the
 * policy and the mandatory fields need from the processed applications once.
 */
export async function openBookOutcomes(source: BookSource): Promise<(application: BookApplication) => DecisionOutcome> {
  const { portfolio } = source;
  const columnsOf = await readApplicationColumns(source);
  return ({ applicationId, features, score }) => {
    const columns = columnsOf(applicationId);
    const { outcome } = evaluatePolicy(
      portfolio.policy,
      policyFacts(portfolio.policy, { ...score, application: { columns }, features, currency: portfolio.currency }),
    );
    return outcomeWith(outcome, missingColumns(portfolio, columns));
  };
}
