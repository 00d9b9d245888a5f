import { AssayError, type InputColumn } from '../../domain/index.ts';
import type { FittedTrees } from '../contract.ts';
import { ubjsonToModelJson } from './ubjson.ts';

const MAX_FEATURES = 100_000;

/**
 * A model that stock XGBoost wrote without Assay, say SageMaker's built-in algorithm: JSON or UBJSON, told apart by content.
 * Its inputs are the names in the file, or f0, f1 … where it has none (a training file without a header). Numbers only: the
 * codes of a categorical feature mean something to its maker alone.
 * @throws AssayError bad_input for what is not such a model
 */
export function openXgboostModel(bytes: Uint8Array): FittedTrees {
  const modelJson = isJson(bytes) ? Buffer.from(bytes).toString('utf8') : ubjsonToModelJson(bytes);
  const learner = learnerOf(modelJson);
  return { kind: 'trees', estimator: 'boosted', inputs: inputsOf(learner), modelJson, rounds: 0 };
}

/** JSON goes on with a quote or white space after the brace; UBJSON with a length. */
function isJson(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b && bytes[1] !== undefined && '" \n\r\t'.includes(String.fromCharCode(bytes[1]));
}

type Learner = {
  readonly feature_names?: unknown;
  readonly feature_types?: unknown;
  readonly learner_model_param?: { readonly num_feature?: unknown };
};

function learnerOf(modelJson: string): Learner {
  try {
    const learner = JSON.parse(modelJson)?.learner;
    if (typeof learner === 'object' && learner !== null) return learner;
  } catch {
    // not JSON and no learner in it are the same to the caller
  }
  throw notAModel('no "learner" in it');
}

function inputsOf(learner: Learner): InputColumn[] {
  const count = Number(learner.learner_model_param?.num_feature);
  if (!Number.isInteger(count) || count < 1 || count > MAX_FEATURES) throw notAModel(`num_feature ${count}`);
  const types = Array.isArray(learner.feature_types) ? learner.feature_types : [];
  if (types.includes('c')) throw notAModel('categorical features, whose codes only its maker can read');
  const names = Array.isArray(learner.feature_names) ? learner.feature_names : [];
  return Array.from({ length: count }, (_, i) => ({ kind: 'numeric', name: String(names[i] ?? `f${i}`) }));
}

function notAModel(given: string): AssayError {
  return new AssayError('bad_input', {
    what: 'not a model of stock XGBoost that can be served',
    given,
    allowed: 'a gbtree model with a logistic objective and numeric features, saved by XGBoost 1.6 or newer',
    fix: 'train it through Assay, which keeps the meaning of categories, or encode them as numbers',
  });
}
