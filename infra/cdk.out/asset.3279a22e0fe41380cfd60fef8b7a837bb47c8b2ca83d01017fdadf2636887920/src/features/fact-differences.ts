import { canonicalJson, type TableSchema } from '../domain/index.ts';
import { type FactReader, type FactRow, factKeyOf, type StoredFacts } from '../platform/index.ts';
import type { FeatureContext } from './build-features.ts';
import { openLakeFacts } from './lake-facts.ts';
import { hasBorrower } from './online/stored-history.ts';

/** Listed for one borrower. */
const MAX_LISTED = 10;

/** A fact that batch (the processed lake) and online (the store) do not hold alike; null: not there. */
export type FactDifference = {
  readonly table: string;
  readonly key: string;
  readonly batch: FactRow | null;
  readonly online: FactRow | null;
};

/** For each borrower the facts on which lake and store differ, at most ten; borrowers without any are left out. */
export async function factDifferences(
  options: FeatureContext & { readonly facts: FactReader },
  borrowerIds: readonly string[],
): Promise<Map<string, FactDifference[]>> {
  const found = new Map<string, FactDifference[]>();
  if (borrowerIds.length === 0) return found;
  const lake = await openLakeFacts({ ...options, borrowerIds });
  const [batch, online] = [await lake.factsOf(borrowerIds), await options.facts.factsOf(borrowerIds)];
  for (const id of borrowerIds) {
    const differences = options.tables
      .filter(hasBorrower)
      .flatMap((table) =>
        differencesIn(
          table,
          batch.borrowers.get(id)?.tables.get(table.name),
          online.borrowers.get(id)?.tables.get(table.name),
        ),
      );
    if (differences.length > 0) found.set(id, differences.slice(0, MAX_LISTED));
  }
  return found;
}

function differencesIn(
  table: TableSchema,
  batch: StoredFacts | undefined,
  online: StoredFacts | undefined,
): FactDifference[] {
  const [left, right] = [byKey(table, batch), byKey(table, online)];
  return [...new Set([...left.keys(), ...right.keys()])].sort().flatMap((key) => {
    const [one, other] = [left.get(key) ?? null, right.get(key) ?? null];
    if (canonicalJson(one) === canonicalJson(other)) return [];
    return [{ table: table.name, key, batch: one, online: other }];
  });
}

function byKey(table: TableSchema, facts: StoredFacts | undefined): Map<string, FactRow> {
  const { columns, rows } = facts ?? { columns: [], rows: [] };
  return new Map(
    rows.map((values) => {
      const row = Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null]));
      return [factKeyOf(table, row), row];
    }),
  );
}
