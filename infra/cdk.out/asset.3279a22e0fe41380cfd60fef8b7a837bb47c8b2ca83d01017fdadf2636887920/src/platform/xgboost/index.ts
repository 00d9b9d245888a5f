export { openXgboostEngine, type XgboostEngineOptions } from './engine.ts';
