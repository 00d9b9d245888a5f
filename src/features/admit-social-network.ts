import type { FeatureCatalog, Portfolio, TableSchema } from '../domain/index.ts';
import { tablesOf } from './processed-views.ts';
import { assertSocialNetworkAdmitted } from './social-network-gate.ts';

/**
 * Catalogs that the gate let through in this process. Membership is the object itself, not anything that could be written into it: a
 * catalog read from JSON, copied, or sent to another machine is not in here.
 */
const ADMITTED = new WeakSet<FeatureCatalog>();

/** Whether features made of social-network data may stand in this catalog. */
export const isSocialNetworkAdmitted = (catalog: FeatureCatalog): boolean => ADMITTED.has(catalog);

/**
 * Asks the gate for a portfolio on a day; a book that says nothing of social networks stays as it is, closed.
 * @throws AssayError forbidden with every reason, when the book asks for what it may not have
 */
export function admitSocialNetwork(portfolio: Portfolio, day: string): void {
  const { socialNetwork: gate, lender, features } = portfolio;
  if (!gate?.enabled) return;
  const columns = socialColumnsOf(tablesOf(portfolio));
  const jurisdictions = [...gate.jurisdictions, lender?.jurisdiction ?? ''];
  const platforms = [...new Set(columns.map(({ platform = '' }) => platform))];
  assertSocialNetworkAdmitted(
    { ...gate, jurisdictions },
    columns.map(({ name }) => name),
    day,
    platforms,
  );
  ADMITTED.add(features);
}

export const socialColumnsOf = (tables: readonly TableSchema[]) =>
  tables.flatMap(({ columns }) => columns.filter(({ dataClass }) => dataClass === 'social_network'));

/** The day of an instant, UTC. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
