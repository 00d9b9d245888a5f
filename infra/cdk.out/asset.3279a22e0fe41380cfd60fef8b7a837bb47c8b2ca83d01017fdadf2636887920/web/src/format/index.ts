export * from './feature.ts';
export * from './label.ts';
export * from './money.ts';
export * from './number.ts';
export * from './time.ts';
