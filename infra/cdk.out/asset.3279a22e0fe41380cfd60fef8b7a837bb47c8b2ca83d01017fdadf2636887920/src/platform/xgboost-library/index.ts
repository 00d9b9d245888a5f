export { type EnsureXgboostOptions, ensureXgboost, findXgboost } from './ensure-xgboost.ts';
export { XGBOOST_VERSION } from './wheels.ts';
