import type { Characteristic, CompiledEstimator, FittedScorecard } from '../contract.ts';
import { binLookup } from './lookup-bin.ts';

/**
 * Makes a scorecard ready to score. margin = intercept + sum of coefficient * WoE of the row's bin; a value no bin holds
 * (missing, where training knew no missing values) adds 0, as a borrower of average risk would.
 *
 * Attribution: a characteristic's contribution less its mean over the training rows (from the bins' own counts), so the
 * reference is the average training row and bias + sum of attributions = margin.
 */
export function compileScorecard(fitted: FittedScorecard): CompiledEstimator {
  const terms = fitted.characteristics.map((characteristic) => compileTerm(fitted, characteristic));
  const bias = terms.reduce((sum, term) => sum + term.mean, fitted.intercept);
  const { intercept } = fitted;
  return {
    inputs: fitted.inputs,
    margin(row) {
      let margin = intercept;
      for (let i = 0; i < terms.length; i++) {
        const term = terms[i]!;
        margin += term.contributions[term.binOf(row[term.input]!) + 1]!;
      }
      return margin;
    },
    attribute(row, out) {
      out.fill(0);
      for (let i = 0; i < terms.length; i++) {
        const term = terms[i]!;
        out[term.input]! += term.contributions[term.binOf(row[term.input]!) + 1]! - term.mean;
      }
      return bias;
    },
  };
}

type Term = {
  /** Index of the input it reads. */
  readonly input: number;
  readonly binOf: (value: number) => number;
  /** By bin index + 1; the first is for no bin at all. */
  readonly contributions: Float64Array;
  readonly mean: number;
};

function compileTerm(fitted: FittedScorecard, characteristic: Characteristic): Term {
  const input = fitted.inputs.findIndex(({ name }) => name === characteristic.feature);
  const { bins, coefficient } = characteristic;
  const contributions = Float64Array.from([0, ...bins.map((bin) => coefficient * bin.woe)]);
  return {
    input,
    binOf: binLookup(bins, fitted.inputs[input]!),
    contributions,
    mean: meanContribution(characteristic),
  };
}

/** Mean of coefficient * WoE over the training rows. */
export function meanContribution({ bins, coefficient }: Characteristic): number {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  return count === 0 ? 0 : bins.reduce((sum, bin) => sum + (bin.count / count) * coefficient * bin.woe, 0);
}
