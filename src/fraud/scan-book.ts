import type { FeatureRow, FraudDefinition } from '../domain/index.ts';
import { assessFraud, type FraudAssessment } from './assess.ts';
import { type FraudApplication, LinkIndex } from './links.ts';
import { fitUsualIncome, type UsualIncome } from './usual-income.ts';

export type ScannedApplication = FraudAssessment & { readonly application: FraudApplication };
export type BookScan = {
  readonly usualIncome: UsualIncome | null;
  /** In order of time, as each application would have been assessed when it came. */
  readonly applications: readonly ScannedApplication[];
};

export type BookApplication = { readonly application: FraudApplication; readonly features?: FeatureRow | undefined };

/** As they came; what is fitted on a book in this order comes out the same, bit for bit. */
export function inOrderOfTime(book: readonly BookApplication[]): BookApplication[] {
  return [...book].sort(
    (a, b) =>
      a.application.appliedAt.getTime() - b.application.appliedAt.getTime() ||
      (a.application.applicationId < b.application.applicationId ? -1 : 1),
  );
}

/**
 * Assesses every application of a book as of its own moment: links count only what came before. The usual income is fitted on
 * the book as a whole, or given.
 */
export function scanBook(
  definition: FraudDefinition,
  book: readonly { readonly application: FraudApplication; readonly features?: FeatureRow | undefined }[],
  given?: UsualIncome | null,
): BookScan {
  const ordered = inOrderOfTime(book);
  const usualIncome =
    given !== undefined || !definition.income
      ? (given ?? null)
      : fitUsualIncome(
          definition.income,
          ordered.map(({ application }) => application),
        );
  const index = new LinkIndex(definition);
  const applications = ordered.map(({ application, features }) => ({
    application,
    ...assessFraud(definition, { application, links: index.link(application), usualIncome, features }),
  }));
  return { usualIncome, applications };
}
