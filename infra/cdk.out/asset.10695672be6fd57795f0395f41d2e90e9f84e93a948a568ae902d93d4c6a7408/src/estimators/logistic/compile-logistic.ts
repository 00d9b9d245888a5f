import type { CompiledEstimator, FittedLogistic } from '../contract.ts';
import { compileTransform } from './design.ts';

/**
 * Makes a logistic regression ready to score. Attribution of an input: sum over its terms of coefficient * (value -
 * training mean), so the reference is the average training row and bias + sum of attributions = margin.
 */
export function compileLogistic(fitted: FittedLogistic): CompiledEstimator {
  const terms = fitted.terms.map((term) => {
    const input = fitted.inputs.findIndex(({ name }) => name === term.feature);
    const { coefficient, trainingMean: mean } = term;
    return { input, coefficient, mean, valueOf: compileTransform(term.transform, fitted.inputs[input]!) };
  });
  const { intercept, inputs } = fitted;
  const bias = terms.reduce((sum, { coefficient, mean }) => sum + coefficient * mean, intercept);
  return {
    inputs,
    margin(row) {
      let margin = intercept;
      for (let i = 0; i < terms.length; i++) {
        const term = terms[i]!;
        margin += term.coefficient * term.valueOf(row[term.input]!);
      }
      return margin;
    },
    attribute(row, out) {
      out.fill(0);
      for (let i = 0; i < terms.length; i++) {
        const term = terms[i]!;
        out[term.input]! += term.coefficient * (term.valueOf(row[term.input]!) - term.mean);
      }
      return bias;
    },
  };
}
