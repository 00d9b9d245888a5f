import type { PersonStoreOptions } from '../../decisions/index.ts';
import type { FraudLinkStore } from '../../fraud/index.ts';
import type { OnlineStore } from '../../platform/index.ts';

/** What the online store knows of a person, as rows by table; its removal, and that of the keys fraud checks look at. */
export function personFacts(online: OnlineStore, fraud?: FraudLinkStore): PersonStoreOptions['facts'] {
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
    remove: async (database, borrowerId) => {
      const keys = (await fraud?.removeBorrower(database, borrowerId)) ?? 0;
      return keys + (await online.removeBorrower(database, borrowerId));
    },
  };
}
