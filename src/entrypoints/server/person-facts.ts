import type { PersonStoreOptions } from '../../decisions/index.ts';
import type { OnlineStore } from '../../platform/index.ts';

/** What the online store knows of a person, as rows by table, and its removal. */
export function personFacts(online: OnlineStore): PersonStoreOptions['facts'] {
  return {
    read: async (borrowerId) => {
      const { borrowers } = await online.factsOf([borrowerId]);
      const tables = [...(borrowers.get(borrowerId)?.tables ?? [])];
      return Object.fromEntries(
        tables.map(([name, { columns, rows }]) => [
          name,
          rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
        ]),
      );
    },
    remove: (database, borrowerId) => online.removeBorrower(database, borrowerId),
  };
}
