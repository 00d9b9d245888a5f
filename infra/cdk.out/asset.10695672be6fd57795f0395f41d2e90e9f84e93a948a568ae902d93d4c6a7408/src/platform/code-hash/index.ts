export * from './code-hash.ts';
