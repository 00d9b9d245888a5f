export { compileTrees } from './compile-trees.ts';
export { threadsFor } from './threads.ts';
export { robustBaseScore } from './tree-model.ts';
