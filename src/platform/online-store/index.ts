export { MAX_FACTS } from './apply-facts.ts';
export type { BookState } from './book.ts';
export { bookTime, EMPTY_BOOK, readBook } from './book.ts';
export {
  type ApplyOutcome,
  compareVersions,
  type FactRow,
  type FactValue,
  factKeyOf,
  type OnlineFact,
} from './fact.ts';
export { later, latestMoment, rememberMomentSql } from './moments.ts';
export { type FactReader, OnlineStore, type OnlineStoreOptions } from './online-store.ts';
export type { BorrowerFacts, FactsRead } from './read-facts.ts';
export { type RecentFact, recentFacts } from './recent-facts.ts';
export type { BaseSnapshot, ReplacedBase } from './replace-base.ts';
export type { BaseBlock, StoredFacts } from './stored-facts.ts';
