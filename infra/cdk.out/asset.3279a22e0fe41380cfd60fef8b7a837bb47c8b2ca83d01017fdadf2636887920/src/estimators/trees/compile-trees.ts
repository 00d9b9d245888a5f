import type { CompiledEstimator, FittedTrees } from '../contract.ts';
import { compileAttribution } from './attribution.ts';
import { compileMargin } from './margin.ts';
import { planRowRanks } from './row-ranks.ts';
import { readTreeModel } from './tree-model.ts';

/**
 * Makes a boosted or forest model ready to score encoded rows, without libxgboost.
 *
 * Margin: bit-equal (float32) to libxgboost's, missing values, categorical splits and float32 edges included; values are
 * compared as float32. A category code outside the model's sets goes left, as in libxgboost; a missing value takes the
 * node's default direction. Attribution: exact path-dependent TreeSHAP in float64, against the expected margin over the
 * training rows (libxgboost's `pred_contribs` is the same in float32).
 * @throws AssayError bad_input for a malformed model.
 */
export function compileTrees(fitted: FittedTrees): CompiledEstimator {
  const model = readTreeModel(fitted.modelJson, fitted.inputs);
  const ranks = planRowRanks(model);
  const margin = compileMargin(model, ranks);
  const slots = new Int32Array(ranks.slotCount);
  // Attributions cost memory and are often not asked for: planned at the first call.
  let attribution: ReturnType<typeof compileAttribution> | undefined;
  return {
    inputs: fitted.inputs,
    margin(row) {
      ranks.fill(row, slots);
      return margin(slots);
    },
    attribute(row, out) {
      attribution ??= compileAttribution(model, ranks);
      ranks.fill(row, slots);
      return attribution(slots, out);
    },
  };
}
