import { PersonStore } from '../../decisions/index.ts';
import { FraudCaseStore } from '../../fraud/index.ts';
import { DeadLetters } from '../../ingestion/index.ts';
import { type Clock, type Database, openErasedRegister } from '../../platform/index.ts';
import type { OpenDecisions } from './open-decisions.ts';
import { personFacts } from './person-facts.ts';

/** The rights of persons over a book, wired once: the same for the server and `assay persons`. */
export function openPersons(
  { home, database, clock }: { readonly home: string; readonly database: Database; readonly clock: Clock },
  { portfolio, store, vault, online, fraud, consents }: OpenDecisions,
): PersonStore {
  const book = { portfolio: portfolio.name, clock };
  const cases = new FraudCaseStore({ database, clock, portfolio: portfolio.name, vault });
  return new PersonStore({
    ...{ database, clock, portfolio, store, vault },
    facts: personFacts(online, fraud),
    held: {
      consents: (borrowerId) => consents.of(borrowerId),
      fraudCases: (borrowerId) => cases.ofBorrower(borrowerId),
      fraudKeys: async (borrowerId) => (await fraud?.ofBorrower(borrowerId)) ?? [],
    },
    letters: new DeadLetters(book),
    erased: openErasedRegister({ ...book, home, database }),
  });
}
