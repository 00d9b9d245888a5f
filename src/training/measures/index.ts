export * from './bootstrap.ts';
export * from './calibration.ts';
export * from './delong.ts';
export * from './discrimination.ts';
export * from './gains.ts';
export * from './jeffreys.ts';
export type { LabelledScores } from './labelled-scores.ts';
export * from './metrics.ts';
export * from './stability.ts';
