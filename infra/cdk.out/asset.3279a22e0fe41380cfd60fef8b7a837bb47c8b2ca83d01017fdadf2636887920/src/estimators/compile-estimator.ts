import type { CompiledEstimator, FittedEstimator } from './contract.ts';
import { compileLogistic } from './logistic/index.ts';
import { compileScorecard } from './scorecard/index.ts';
import { compileTrees } from './trees/index.ts';

/** The margin and attribution functions of any fitted estimator. */
export function compileEstimator(fitted: FittedEstimator): CompiledEstimator {
  switch (fitted.kind) {
    case 'scorecard':
      return compileScorecard(fitted);
    case 'logistic':
      return compileLogistic(fitted);
    case 'trees':
      return compileTrees(fitted);
  }
}
