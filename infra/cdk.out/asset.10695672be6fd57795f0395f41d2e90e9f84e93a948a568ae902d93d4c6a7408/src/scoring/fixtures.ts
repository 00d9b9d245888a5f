/** Test data: a small book with one planted driver of default, and a manifest around any estimator fitted on it. */
import type { Calibration, Frame, ModelManifest } from '../domain/index.ts';
import type { FittedEstimator, TrainingSet } from '../estimators/index.ts';

/** `arrears` drives the pd (higher = worse); `income` and `region` tell nothing. */
export function plantedBook(rowCount: number, seed: number): TrainingSet {
  const random = linearCongruential(seed);
  const arrears = Float64Array.from({ length: rowCount }, () => random() * 4);
  const income = Float64Array.from({ length: rowCount }, () => 1000 + 4000 * random());
  const codes = Int32Array.from({ length: rowCount }, () => Math.floor(random() * 3));
  const target = Uint8Array.from(arrears, (value) => (random() < 1 / (1 + Math.exp(3 - 1.5 * value)) ? 1 : 0));
  for (let i = 0; i < rowCount; i += 19) income[i] = Number.NaN;
  const frame: Frame = {
    rowCount,
    columns: [
      { kind: 'numeric', name: 'arrears', values: arrears },
      { kind: 'numeric', name: 'income', values: income },
      { kind: 'categorical', name: 'region', codes, levels: ['north', 'south', 'west'] },
    ],
  };
  return { frame, target };
}

function linearCongruential(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const ISOTONIC: Calibration = {
  kind: 'isotonic',
  margins: [-4, -2, -1, 0, 1.5, 4],
  pds: [0.01, 0.08, 0.2, 0.2, 0.7, 0.95],
};

export function manifestOf(fitted: FittedEstimator, calibration: Calibration = { kind: 'identity' }): ModelManifest {
  return {
    format: 'assay-model/1',
    modelVersion: 'planted-0123456789ab',
    portfolio: 'planted',
    estimator: fitted.kind === 'trees' ? fitted.estimator : fitted.kind,
    createdAt: '2026-01-01T00:00:00.000Z',
    snapshotHash: '',
    catalogHash: '',
    codeVersion: '',
    seed: 1,
    inputs: fitted.inputs,
    parameters: {},
    calibration,
    scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
    grades: [
      { grade: 'A', upperPd: 0.1 },
      { grade: 'B', upperPd: 0.4 },
      { grade: 'C', upperPd: 1 },
    ],
    metrics: {},
    importance: [],
    reference: { kind: 'training_mean', note: '' },
    reasons: {
      arrears: { code: 'R01', text: 'Payments in arrears' },
      income: { code: 'R02', text: 'Income and where you live' },
      region: { code: 'R02', text: 'Income and where you live' },
    },
    payload: { file: '', sha256: '', format: 'assay-logistic/1' },
  };
}
