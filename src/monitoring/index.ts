export * from './fairness/index.ts';
export * from './fraud/index.ts';
