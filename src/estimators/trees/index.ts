export { compileTrees } from './compile-trees.ts';
export { robustBaseScore } from './tree-model.ts';
