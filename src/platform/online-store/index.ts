export { MAX_FACTS } from './apply-facts.ts';
export {
  type ApplyOutcome,
  compareVersions,
  type FactRow,
  type FactValue,
  factKeyOf,
  type OnlineFact,
} from './fact.ts';
export { OnlineStore, type OnlineStoreOptions } from './online-store.ts';
