export * from './alarms.ts';
export * from './lent-cases.ts';
export * from './open-cases.ts';
export * from './priority.ts';
export * from './review.ts';
export * from './review-store.ts';
