import {
  type FeatureCatalog,
  type FeatureDefinition,
  type Frame,
  inputColumnsOf,
  type Metrics,
  outcomesTable,
  type Portfolio,
  type TableSchema,
} from '../../../src/domain/index.ts';
import { DEFAULT_GRADES, type FittedEstimator, logistic, type ManifestDraft } from '../../../src/estimators/index.ts';
import { catalogHash } from '../../../src/features/index.ts';

/** A flat lending book small enough to train in a test: two numbers and a category decide who defaults. */
const applications: TableSchema = {
  name: 'loan_applications',
  description: 'Applications of the tiny book.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    { name: 'application_id', type: 'text', dataClass: 'financial' },
    { name: 'borrower_id', type: 'text', dataClass: 'financial' },
    { name: 'applied_at', type: 'timestamp', dataClass: 'financial' },
    { name: 'amount_minor', type: 'money', dataClass: 'financial', min: 1 },
    { name: 'income_minor', type: 'money', dataClass: 'financial', min: 0 },
    { name: 'arrears', type: 'integer', dataClass: 'bureau', nullable: true, min: 0, max: 100 },
    { name: 'purpose', type: 'text', dataClass: 'financial', nullable: true, values: ['car', 'home', 'travel'] },
  ],
};

const attribute = (name: string, column: string, type: 'numeric' | 'categorical', text: string): FeatureDefinition => ({
  name,
  title: name.replaceAll('_', ' '),
  unit: type === 'numeric' ? 'count' : 'category',
  nullMeaning: 'not given',
  type,
  definition: { kind: 'attribute', column },
  reason: { code: name.toUpperCase(), text },
});

const features: FeatureDefinition[] = [
  attribute('income', 'income_minor', 'numeric', 'Income too low'),
  attribute('past_arrears', 'arrears', 'numeric', 'Payments missed in the past'),
  attribute('loan_purpose', 'purpose', 'categorical', 'Purpose of the loan'),
  {
    ...attribute('burden', 'amount_minor', 'numeric', 'Amount too high for the income'),
    definition: {
      kind: 'derived',
      expression: {
        op: 'divide',
        left: { op: 'feature', name: 'amount' },
        right: { op: 'feature', name: 'income' },
      },
    },
  },
  attribute('amount', 'amount_minor', 'numeric', 'Amount of the loan'),
];

export const tinyPortfolio: Portfolio = {
  name: 'tiny',
  title: 'Tiny book',
  description: 'A flat book for tests.',
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
  split: { kind: 'folds', name: 'tiny', folds: 5 },
  estimators: ['logistic'],
  scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
  policy: {
    format: 'assay-policy/1',
    version: 'tiny-1',
    status: 'live',
    description: 'For tests.',
    limits: DEFAULT_GRADES.map(({ grade }) => ({ grade, maxAmountMinor: 1_000_000 })),
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
      {
        id: 'many-arrears',
        kind: 'knock_out',
        description: 'more than ten payments missed',
        when: { fact: 'attribute.arrears', op: '>', value: 10 },
        outcome: 'declined',
        reason: { code: 'ARREARS', text: 'Too many payments missed' },
      },
    ],
  },
  lender: {
    name: 'Tiny Lender',
    address: '1 Main Street, Springfield',
    jurisdiction: 'US',
    agencies: ['FTC'],
    bureau: { name: 'Tiny Bureau', address: '2 Main Street, Springfield', phone: '1-800-555-0100' },
  },
  protectedAttributes: [],
  segments: ['loan_purpose', 'income'],
};

/** Deterministic numbers between 0 and 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function trainingFrame(rows: number): { frame: Frame; target: Uint8Array } {
  const next = random(7);
  const columns = {
    income: new Float64Array(rows),
    past_arrears: new Float64Array(rows),
    burden: new Float64Array(rows),
  };
  const codes = new Int32Array(rows);
  const target = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    columns.income[row] = 100_000 + Math.round(next() * 400_000);
    columns.past_arrears[row] = next() < 0.1 ? Number.NaN : Math.floor(next() * 5);
    columns.burden[row] = next() * 5;
    codes[row] = Math.floor(next() * 3);
    const margin =
      -3 + 0.8 * (columns.past_arrears[row] || 0) + 0.5 * columns.burden[row]! - columns.income[row]! / 200_000;
    target[row] = next() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  }
  const numeric = Object.entries(columns).map(([name, values]) => ({ kind: 'numeric' as const, name, values }));
  const purpose = { kind: 'categorical' as const, name: 'loan_purpose', codes, levels: ['car', 'home', 'travel'] };
  return { frame: { rowCount: rows, columns: [...numeric, purpose] }, target };
}

const exact = (value: number) => ({ value, lower: value, upper: value });
const metrics: Metrics = {
  rows: 2000,
  defaults: 300,
  auc: exact(0.8),
  gini: exact(0.6),
  ks: exact(0.4),
  brier: exact(0.1),
  logLoss: 0.3,
  calibrationSlope: exact(1),
  calibrationIntercept: 0,
  ece: 0.01,
};

export type TinyModel = { readonly draft: ManifestDraft; readonly fitted: FittedEstimator };

/** A logistic regression trained here and now, for a catalog whose features have the names of the tiny book's. */
export async function trainTinyModel(catalog: FeatureCatalog = tinyPortfolio.features): Promise<TinyModel> {
  const { frame, target } = trainingFrame(2000);
  const fitted = await logistic.fit({ frame, target }, { context: { seed: 1, nthread: 1 } });
  const reasons = Object.fromEntries(features.map((feature) => [feature.name, feature.reason]));
  return {
    fitted,
    draft: {
      portfolio: tinyPortfolio.name,
      estimator: 'logistic',
      createdAt: '2026-01-01T00:00:00.000Z',
      snapshotHash: 'a'.repeat(64),
      catalogHash: catalogHash(catalog),
      codeVersion: 'test',
      seed: 1,
      inputs: fitted.inputs.length > 0 ? fitted.inputs : inputColumnsOf(frame),
      parameters: {},
      calibration: { kind: 'platt', intercept: 0.01, slope: 0.98 },
      scale: tinyPortfolio.scale,
      grades: DEFAULT_GRADES,
      metrics: { out_of_fold: metrics },
      importance: [],
      reference: { kind: 'training_mean', note: 'the mean of the training applications' },
      reasons,
    },
  };
}
