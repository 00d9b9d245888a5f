export { compileLogistic } from './compile-logistic.ts';
export {
  type Design,
  fitLogisticRegression,
  type LogisticRegression,
  type RegressionOptions,
} from './fit-logistic-regression.ts';
export { type LogisticParameters, logistic } from './logistic.ts';
