export { createForest, type ForestParameters } from './forest.ts';
