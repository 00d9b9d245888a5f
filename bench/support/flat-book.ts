/** A flat book of thirty numbers and categories whose model is the one of the scoring benches. */
import {
  type CreditPolicy,
  type FeatureDefinition,
  type InputColumn,
  type Metrics,
  outcomesTable,
  type Portfolio,
  type TableSchema,
} from '../../src/domain/index.ts';
import { DEFAULT_GRADES, type FittedEstimator, type ManifestDraft } from '../../src/estimators/index.ts';
import { catalogHash } from '../../src/features/index.ts';

const POLICY: CreditPolicy = {
  format: 'assay-policy/1',
  version: 'flat-1',
  status: 'live',
  description: 'For benches.',
  limits: [],
  pricing: [],
  rules: [
    {
      id: 'pd-too-high',
      kind: 'cut_off',
      description: 'pd above 30 %',
      when: { fact: 'pd', op: '>', value: 0.3 },
      outcome: 'declined',
      reason: { code: 'PD', text: 'The risk is too high' },
    },
  ],
};

export function flatBook(inputs: readonly InputColumn[]): Portfolio {
  const applications: TableSchema = {
    name: 'loan_applications',
    description: 'Thirty columns.',
    key: ['application_id'],
    eventTime: 'applied_at',
    columns: [
      { name: 'application_id', type: 'text', dataClass: 'financial' },
      { name: 'borrower_id', type: 'text', dataClass: 'financial' },
      { name: 'applied_at', type: 'timestamp', dataClass: 'financial' },
      ...inputs.map((input) => ({
        name: input.name,
        type: input.kind === 'numeric' ? ('double' as const) : ('text' as const),
        nullable: true,
        dataClass: 'financial' as const,
        ...(input.kind === 'categorical' && { values: input.levels }),
      })),
    ],
  };
  const features = inputs.map(
    (input): FeatureDefinition => ({
      name: input.name,
      title: input.name,
      unit: 'count',
      nullMeaning: 'not given',
      type: input.kind,
      definition: { kind: 'attribute', column: input.name },
      reason: { code: input.name.toUpperCase(), text: `Value of ${input.name}` },
    }),
  );
  return {
    name: 'flat',
    title: 'Flat book',
    description: 'For benches.',
    currency: 'EUR',
    sources: [
      {
        name: 'book',
        path: 'book.csv',
        format: 'csv',
        targets: [
          { table: applications, map: () => null },
          { table: outcomesTable, map: () => null },
        ],
      },
    ],
    defaultDefinition: { description: 'arrears of 90 days', outcomeWindowMonths: 12 },
    features: { features },
    split: { kind: 'folds', name: 'flat', folds: 5 },
    estimators: ['boosted'],
    scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
    policy: POLICY,
    protectedAttributes: [],
    segments: [],
  };
}

const exact = (value: number) => ({ value, lower: value, upper: value });
const METRICS: Metrics = {
  ...{ rows: 20_000, defaults: 2_000, logLoss: 0.3, calibrationIntercept: 0, ece: 0.01 },
  ...{ auc: exact(0.8), gini: exact(0.6), ks: exact(0.4), brier: exact(0.1), calibrationSlope: exact(1) },
};

/** What is registered beside a fitted model of the flat book. */
export function flatDraft(portfolio: Portfolio, fitted: FittedEstimator, createdAt: string): ManifestDraft {
  return {
    portfolio: portfolio.name,
    estimator: 'boosted',
    createdAt,
    snapshotHash: 'b'.repeat(64),
    catalogHash: catalogHash(portfolio.features),
    codeVersion: 'bench',
    seed: 1,
    inputs: fitted.inputs,
    parameters: {},
    calibration: { kind: 'platt', intercept: 0, slope: 1 },
    scale: portfolio.scale,
    grades: DEFAULT_GRADES,
    metrics: { out_of_fold: METRICS },
    importance: [],
    reference: { kind: 'training_mean', note: 'the expected margin over the training rows' },
    reasons: Object.fromEntries(portfolio.features.features.map((feature) => [feature.name, feature.reason])),
  };
}
