export * from './fairness/index.ts';
