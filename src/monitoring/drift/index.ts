export * from './alarms.ts';
export { type BookDrift, type DriftContext, MIN_ROWS, readBookDrift } from './book-drift.ts';
