export type { FeatureSignal } from './find-leaks.ts';
export * from './load-evaluation-set.ts';
export { nearNames } from './near-names.ts';
export type { TypedColumn } from './type-columns.ts';
export type { FileWarning } from './warnings.ts';
