import { type BorrowerFacts, EMPTY_BOOK, type FactReader, type StoredFacts } from '../platform/index.ts';
import { type PackOptions, packProcessed } from './pack-processed.ts';

const NOTHING: BorrowerFacts = { tables: new Map(), streamedMicroseconds: [], appliedAt: null };

/** The processed lake as the online store would hold it, in memory: for a replay of a book without a database. */
export async function openLakeFacts(options: PackOptions): Promise<FactReader> {
  const references = new Map<string, StoredFacts>();
  const borrowers = new Map<string, Map<string, StoredFacts>>();
  for await (const blocks of packProcessed(options)) {
    for (const { table, borrowerId, columns, rowsJson } of blocks) {
      const facts: StoredFacts = { columns, rows: JSON.parse(rowsJson) };
      if (borrowerId === null) references.set(table, facts);
      else borrowers.set(borrowerId, (borrowers.get(borrowerId) ?? new Map()).set(table, facts));
    }
  }
  return {
    factsOf: async (ids) => ({
      book: EMPTY_BOOK,
      borrowers: new Map(
        ids.map((id) => {
          const tables = borrowers.get(id);
          return [id, tables ? { ...NOTHING, tables } : NOTHING];
        }),
      ),
    }),
    references: async () => references,
  };
}
