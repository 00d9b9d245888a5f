import type { FeatureRow, FraudDefinition } from '../domain/index.ts';
import { assessFraud, type FraudAssessment } from './assess.ts';
import { type FraudApplication, type LinkCounts, LinkIndex } from './links.ts';
import { countAround } from './links-around.ts';
import { fitUsualIncome, type UsualIncome } from './usual-income.ts';

export type ScannedApplication = FraudAssessment & { readonly application: FraudApplication };
export type BookScan = {
  readonly usualIncome: UsualIncome | null;
  /** In order of time. */
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

export type ScanOptions = {
  /** Instead of the usual income of this book. */
  readonly usualIncome?: UsualIncome | null;
  /** Links that look both ways count what came later too: for a queue, never for what stands for a decision. */
  readonly lookBack?: boolean;
};

/**
 * Assesses every application of a book as of its own moment: links count only what came before, unless looked back at. The usual
 * income is fitted on the book as a whole, or given.
 */
export function scanBook(
  definition: FraudDefinition,
  book: readonly BookApplication[],
  { usualIncome: given, lookBack = false }: ScanOptions = {},
): BookScan {
  const ordered = inOrderOfTime(book);
  const all = ordered.map(({ application }) => application);
  const fit = (): UsualIncome | null => (definition.income ? fitUsualIncome(definition.income, all) : null);
  const usualIncome = given === undefined ? fit() : given;
  const index = new LinkIndex(definition);
  const around = lookBack ? countAround(definition, all) : (_: FraudApplication, decided: LinkCounts) => decided;
  const applications = ordered.map(({ application, features }) => {
    const links = around(application, index.link(application));
    return { application, ...assessFraud(definition, { application, links, usualIncome, features }) };
  });
  return { usualIncome, applications };
}
