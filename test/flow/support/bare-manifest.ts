import type { ModelManifest } from '../../../src/domain/index.ts';

/** As much of a manifest as the registry reads; the rest is opaque to it. */
export function manifestOf(modelVersion: string, portfolio: string, createdAt: Date): ModelManifest {
  return {
    format: 'assay-model/1',
    modelVersion,
    portfolio,
    estimator: 'logistic',
    createdAt: createdAt.toISOString(),
    snapshotHash: '',
    catalogHash: '',
    codeVersion: '',
    seed: 1,
    inputs: [],
    parameters: {},
    calibration: { kind: 'identity' },
    scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
    grades: [{ grade: 'A', upperPd: 1 }],
    metrics: {},
    importance: [],
    reference: { kind: 'training_mean', note: '' },
    reasons: {},
    payload: { file: 'model.json', sha256: '', format: 'assay-logistic/1' },
  };
}
