export * from './http-source.ts';
