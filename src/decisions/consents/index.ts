export * from './consent-store.ts';
