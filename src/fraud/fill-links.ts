import type { FraudDefinition } from '../domain/index.ts';
import type { FraudLinkStore } from './link-store.ts';
import { type FraudContext, readFraudBook } from './read-book.ts';
import { inOrderOfTime } from './scan-book.ts';
import { fitUsualIncome } from './usual-income.ts';

/** Puts the keys of a delivered book, and what income is usual in it, where decisions read them. Nothing for a book without fraud checks. */
export async function fillFraudLinks(
  context: FraudContext,
  { store, snapshotId }: { readonly store: FraudLinkStore; readonly snapshotId: string },
): Promise<{ readonly keys: number }> {
  const definition = context.portfolio.fraud;
  if (!definition) return { keys: 0 };
  const book = inOrderOfTime(await readFraudBook(context, withoutEvidence(definition)));
  const applications = book.map(({ application }) => application);
  const usualIncome = definition.income ? fitUsualIncome(definition.income, applications) : null;
  return store.replaceBook({ snapshotId, usualIncome, applications });
}

/** Features are of no use to keys and to the usual income, and may be built at this moment. */
function withoutEvidence({ income, ...definition }: FraudDefinition): FraudDefinition {
  if (!income) return definition;
  const { evidenceFeature: _, ...stated } = income;
  return { ...definition, income: stated };
}
