export { compileTrees } from './compile-trees.ts';
export { openXgboostModel } from './open-xgboost.ts';
export { threadsFor } from './threads.ts';
export { robustBaseScore } from './tree-model.ts';
export { modelJsonToUbjson, ubjsonToModelJson } from './ubjson.ts';
