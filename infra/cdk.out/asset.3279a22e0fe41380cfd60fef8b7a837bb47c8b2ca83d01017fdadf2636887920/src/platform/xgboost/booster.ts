import type { BoosterMatrix } from '../contract.ts';
import type { NativeHandle, XgboostLibrary } from './c-api.ts';

/** A native matrix and how many rows it has; freed by `free`. */
export type NativeMatrix = { readonly handle: NativeHandle; readonly rowCount: number; free(): void };

/** Copies a row-major matrix into libxgboost. NaN = missing; infinities are refused by the library itself. */
export function createMatrix(library: XgboostLibrary, matrix: BoosterMatrix, nthread: number): NativeMatrix {
  const { values, rowCount, columnCount } = matrix;
  const handle = library.dMatrixCreateFromMat(values, rowCount, columnCount, Number.NaN, nthread);
  if (matrix.labels) library.dMatrixSetFloatInfo(handle, 'label', matrix.labels);
  if (matrix.weights) library.dMatrixSetFloatInfo(handle, 'weight', matrix.weights);
  library.dMatrixSetStrFeatureInfo(handle, 'feature_name', matrix.featureNames);
  library.dMatrixSetStrFeatureInfo(handle, 'feature_type', matrix.featureTypes);
  return { handle, rowCount, free: () => library.dMatrixFree(handle) };
}

/** One booster: the friendly half of the C API. Not re-entrant; free it when done. */
export type Booster = {
  update(round: number, train: NativeMatrix): void;
  /** Metric by data set name, in the order libxgboost reports: the last metric of each set. */
  evaluate(round: number, sets: readonly { name: string; matrix: NativeMatrix }[]): Map<string, Evaluation>;
  margins(matrix: NativeMatrix): Float32Array;
  contributions(matrix: NativeMatrix): Float32Array;
  /** JSON model text as bytes, cut to the first `rounds` rounds when given. */
  saveJson(rounds?: number): Uint8Array;
  free(): void;
};

export type Evaluation = { readonly metric: string; readonly value: number };

/** A booster ready to be updated. `features` are stored in the model, as Python's binding does. */
export function createBooster(
  library: XgboostLibrary,
  parameters: Readonly<Record<string, string>>,
  options: { cache: readonly NativeMatrix[]; features?: Pick<BoosterMatrix, 'featureNames' | 'featureTypes'> },
): Booster {
  const handle = library.boosterCreate(options.cache.map((matrix) => matrix.handle));
  for (const [name, value] of Object.entries(parameters)) library.boosterSetParam(handle, name, value);
  library.boosterSetParam(handle, 'validate_parameters', 'True');
  if (options.features) {
    library.boosterSetStrFeatureInfo(handle, 'feature_name', options.features.featureNames);
    library.boosterSetStrFeatureInfo(handle, 'feature_type', options.features.featureTypes);
  }
  return wrap(library, handle);
}

/** Opens a JSON (or UBJSON) model. */
export function loadBooster(library: XgboostLibrary, model: Uint8Array, nthread: number): Booster {
  const handle = library.boosterCreate([]);
  library.boosterLoadModelFromBuffer(handle, model);
  library.boosterSetParam(handle, 'nthread', String(nthread));
  return wrap(library, handle);
}

const PREDICT_MARGIN = 1;
const PREDICT_CONTRIBUTIONS = 2;

function wrap(library: XgboostLibrary, handle: NativeHandle): Booster {
  const predict = (matrix: NativeMatrix, type: number): Float32Array => {
    const config = { type, training: false, iteration_begin: 0, iteration_end: 0, strict_shape: false };
    return library.boosterPredictFromDMatrix(handle, matrix.handle, JSON.stringify(config)).slice();
  };
  const json = (of: NativeHandle): Uint8Array => library.boosterSaveModelToBuffer(of, '{"format": "json"}').slice();
  return {
    update: (round, train) => library.boosterUpdateOneIter(handle, round, train.handle),
    evaluate(round, sets) {
      const handles = sets.map((set) => set.matrix.handle);
      const names = sets.map((set) => set.name);
      return parseEvaluation(library.boosterEvalOneIter(handle, round, handles, names), names);
    },
    margins: (matrix) => predict(matrix, PREDICT_MARGIN),
    contributions: (matrix) => predict(matrix, PREDICT_CONTRIBUTIONS),
    saveJson(rounds) {
      if (rounds === undefined) return json(handle);
      const sliced = library.boosterSlice(handle, 0, rounds, 1);
      try {
        return json(sliced);
      } finally {
        library.boosterFree(sliced);
      }
    },
    free: () => library.boosterFree(handle),
  };
}

/** Reads `[12]\ttrain-logloss:0.41\tvalidation-logloss:0.43`; of several metrics the last counts, as in Python's binding. */
export function parseEvaluation(text: string, names: readonly string[]): Map<string, Evaluation> {
  const found = new Map<string, Evaluation>();
  for (const part of text.split('\t').slice(1)) {
    const colon = part.lastIndexOf(':');
    const name = names.find((candidate) => part.startsWith(`${candidate}-`));
    if (colon < 0 || name === undefined) continue;
    found.set(name, { metric: part.slice(name.length + 1, colon), value: Number(part.slice(colon + 1)) });
  }
  return found;
}

/** Metrics that grow with quality; libxgboost names them `auc`, `aucpr`, `map@5`, `ndcg` … */
export function isBetter(metric: string, candidate: number, best: number): boolean {
  return /^(auc|aucpr|map|ndcg|pre)(@|$)/.test(metric) ? candidate > best : candidate < best;
}
