import type { DecisionOutcome, FeatureRow } from '../domain/index.ts';
import { readFraudBook, scanBook } from '../fraud/index.ts';
import { missingColumns } from './application.ts';
import { type BookSource, readApplicationColumns, readNamedFeatures } from './application-rows.ts';
import { outcomeWith, policyFacts } from './decide.ts';
import { evaluatePolicy, namedFacts, namesFraud, type PolicyFraud } from './evaluate-policy.ts';

export type BookApplication = {
  readonly applicationId: string;
  readonly features: FeatureRow;
  readonly score: { readonly pd: number; readonly score: number; readonly grade: string };
};

/** What the credit policy says to an application of the book. */
export type BookTerms = {
  readonly outcome: DecisionOutcome;
  /** The policy's price for the segment and grade; null = none. */
  readonly annualRatePercent: number | null;
};

/**
 * What the credit policy says to each application of a whole book: the `termsOf` of batch scoring. It sees what a decision sees: the
 * columns of the form, every feature it names (also those the model has no use for), and, where it names them, the fraud signals of the
 * moment the application came.
 */
export async function openBookTerms(source: BookSource): Promise<(application: BookApplication) => BookTerms> {
  const { portfolio } = source;
  const { policy, currency } = portfolio;
  const columnsOf = await readApplicationColumns(source);
  const names = namedFacts(policy).flatMap(({ of, name }) => (of === 'feature' ? [name] : []));
  const featuresOf = await readNamedFeatures(source, names);
  const fraudOf = await readBookFraud(source);
  return ({ applicationId, features, score }) => {
    const columns = columnsOf(applicationId);
    const facts = policyFacts(policy, {
      ...score,
      application: { columns },
      features: { ...features, ...featuresOf(applicationId) },
      fraud: fraudOf.get(applicationId),
      currency,
    });
    const { outcome, annualRatePercent } = evaluatePolicy(policy, facts);
    return { outcome: outcomeWith(outcome, missingColumns(portfolio, columns)), annualRatePercent };
  };
}

/** Each application as it would have been assessed when it came: the batch scan, which gives what a decision gives. */
async function readBookFraud(source: BookSource): Promise<ReadonlyMap<string, PolicyFraud>> {
  const { fraud, policy } = source.portfolio;
  if (!fraud || !namesFraud(policy)) return new Map();
  const { applications } = scanBook(fraud, await readFraudBook(source, fraud));
  return new Map(
    applications.map(({ application, score, band, signals }) => [application.applicationId, { score, band, signals }]),
  );
}
