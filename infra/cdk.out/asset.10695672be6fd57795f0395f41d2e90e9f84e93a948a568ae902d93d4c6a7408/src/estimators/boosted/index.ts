export { type BoostedParameters, createBoosted } from './boosted.ts';
