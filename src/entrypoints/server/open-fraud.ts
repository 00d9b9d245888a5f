import { FraudCaseStore, type FraudCaseStoreOptions, type FraudContext } from '../../fraud/index.ts';
import { openFraudQueue } from '../../monitoring/index.ts';

/** The queue of a book's suspicious applications, and the cases that people take up from it. */
export function openFraud(context: FraudContext, store: Omit<FraudCaseStoreOptions, 'portfolio'>) {
  return {
    fraudQueue: openFraudQueue(context),
    fraudCases: new FraudCaseStore({ ...store, portfolio: context.portfolio.name }),
  };
}
