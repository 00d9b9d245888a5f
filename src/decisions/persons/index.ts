export * from './person-store.ts';
