export * from './drift/index.ts';
export * from './fairness/index.ts';
export * from './fraud/index.ts';
