export * from './expected-loss.ts';
export * from './settings.ts';
export * from './staging.ts';
export * from './transitions.ts';
