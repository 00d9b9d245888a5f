import { z } from 'zod';
import {
  AssayError,
  ESTIMATOR_NAMES,
  type InputColumn,
  type ModelManifest,
  reasonDictionaryHash,
} from '../domain/index.ts';
import type { FittedLogistic, FittedScorecard } from './contract.ts';

/** Limits on what is opened; no model of ours comes near. */
const MAX_INPUTS = 10_000;
const MAX_LEVELS = 1_000_000;
const MAX_BINS = 10_000;
const MAX_KNOTS = 100_000;

const text = z.string().max(10_000);
const count = z.number().min(0);
const probability = z.number().min(0).max(1);
const insidePd = z.number().gt(0).lt(1);
const name = text.min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const inputColumn: z.ZodType<InputColumn> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('numeric'), name }),
  z.strictObject({ kind: z.literal('categorical'), name, levels: z.array(text).max(MAX_LEVELS) }),
]);
const inputColumns = z
  .array(inputColumn)
  .max(MAX_INPUTS)
  .refine((inputs) => new Set(inputs.map((input) => input.name)).size === inputs.length, 'an input is named twice');

const rises = (values: readonly number[], isStrict: boolean) =>
  values.every((value, i) => i === 0 || value > values[i - 1]! || (!isStrict && value === values[i - 1]!));

const calibration = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('identity') }),
  z.strictObject({ kind: z.literal('platt'), intercept: z.number(), slope: z.number().min(0) }),
  z
    .strictObject({
      kind: z.literal('isotonic'),
      margins: z.array(z.number()).min(1).max(MAX_KNOTS),
      pds: z.array(insidePd).min(1).max(MAX_KNOTS),
    })
    .refine(({ margins, pds }) => margins.length === pds.length, 'as many pds as margins')
    .refine(({ margins, pds }) => rises(margins, true) && rises(pds, false), 'margins rise and pds never fall'),
]);

const bestValues = z.strictObject({ text, lower: z.number().nullable(), upper: z.number().nullable() });
const grades = z
  .array(z.strictObject({ grade: name, upperPd: probability }))
  .min(1)
  .max(1000)
  .refine(
    (bands) =>
      rises(
        bands.map((band) => band.upperPd),
        true,
      ) && bands.at(-1)?.upperPd === 1,
    'bounds rise to 1',
  );

const interval = z.strictObject({ value: z.number(), lower: z.number(), upper: z.number() });

const metrics = z.strictObject({
  rows: count,
  defaults: count,
  auc: interval,
  gini: interval,
  ks: interval,
  brier: interval,
  logLoss: z.number(),
  calibrationSlope: interval,
  calibrationIntercept: z.number(),
  ece: z.number(),
});

/** A manifest as a file holds it. Unknown members are refused: they would be outside of what the program understands. */
const manifestSchema = z.strictObject({
  format: z.literal('assay-model/1'),
  modelVersion: name,
  portfolio: name,
  estimator: z.enum(ESTIMATOR_NAMES),
  createdAt: z.iso.datetime(),
  snapshotHash: text,
  catalogHash: text,
  codeVersion: text,
  seed: z.number(),
  inputs: inputColumns,
  parameters: z.record(text, z.union([z.number(), z.string(), z.boolean(), z.null()])),
  calibration,
  scale: z.strictObject({ baseScore: z.number(), baseOdds: z.number().gt(0), pdo: z.number().gt(0) }),
  grades,
  metrics: z.record(text, metrics),
  importance: z.array(z.strictObject({ feature: name, share: z.number() })).max(MAX_INPUTS),
  reference: z.strictObject({ kind: z.enum(['average_approved', 'maximum_points', 'training_mean']), note: text }),
  reasons: z.record(
    text,
    z.strictObject({ code: text, text, whenMissing: text.optional(), atBest: bestValues.optional() }),
  ),
  reasonsHash: sha256.optional(),
  payload: z.strictObject({
    file: name,
    sha256,
    format: z.enum(['xgboost-json', 'assay-scorecard/1', 'assay-logistic/1']),
  }),
});
const checkedManifestSchema: z.ZodType<ModelManifest> = manifestSchema.refine(
  ({ reasons, reasonsHash }) => reasonsHash === undefined || reasonsHash === reasonDictionaryHash(reasons),
  'reasonsHash is not the version of the reasons',
);

const convergence = z.strictObject({ converged: z.boolean(), iterations: count, gradientNorm: count });

const bin = z.strictObject({
  rule: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('interval'), lower: z.number().nullable(), upper: z.number().nullable() }),
    z.strictObject({ kind: z.literal('levels'), levels: z.array(text).max(MAX_LEVELS) }),
    z.strictObject({ kind: z.literal('special'), values: z.array(z.number()).max(MAX_BINS) }),
    z.strictObject({ kind: z.literal('missing') }),
  ]),
  count,
  defaults: count,
  woe: z.number(),
});

const characteristic = z.strictObject({
  feature: name,
  coefficient: z.number(),
  standardError: count,
  iv: z.number(),
  bins: z.array(bin).min(1).max(MAX_BINS),
});

const scorecardSchema: z.ZodType<FittedScorecard> = z.strictObject({
  kind: z.literal('scorecard'),
  inputs: inputColumns,
  intercept: z.number(),
  characteristics: z.array(characteristic).max(MAX_INPUTS),
  convergence,
});

const transform = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('standardized'),
      log1p: z.boolean(),
      lower: z.number(),
      upper: z.number(),
      mean: z.number(),
      scale: z.number().gt(0),
      missing: z.number(),
    })
    .refine(({ lower, upper }) => lower <= upper, 'lower above upper')
    .refine(({ log1p, lower }) => !log1p || lower > -1, 'no logarithm of what is not above 0'),
  z.strictObject({ kind: z.literal('is_missing') }),
  z.strictObject({ kind: z.literal('is_level'), level: text }),
]);

const logisticSchema: z.ZodType<FittedLogistic> = z.strictObject({
  kind: z.literal('logistic'),
  inputs: inputColumns,
  intercept: z.number(),
  terms: z
    .array(
      z.strictObject({
        feature: name,
        transform,
        coefficient: z.number(),
        standardError: count,
        trainingMean: z.number(),
      }),
    )
    .max(MAX_LEVELS),
  convergence,
});

/** @throws AssayError bad_input naming the members that are not as the format says */
export function parseManifest(value: unknown, file: string): ModelManifest {
  return parseAs(checkedManifestSchema, value, file);
}

/**
 * Also checks what members say of each other: characteristics read inputs of their kind, and their intervals cover all numbers
 * without gap or overlap.
 * @throws AssayError bad_input
 */
export function parseScorecard(value: unknown, file: string): FittedScorecard {
  const fitted = parseAs(scorecardSchema, value, file);
  const inputs = new Map(fitted.inputs.map((input) => [input.name, input]));
  for (const { feature, bins } of fitted.characteristics) {
    const kind = inputs.get(feature)?.kind;
    const uppers = bins.flatMap(({ rule }) => (rule.kind === 'interval' ? [rule] : []));
    const isCovering = uppers.every(
      ({ lower, upper }, i) =>
        lower === (uppers[i - 1]?.upper ?? null) &&
        (upper === null) === (i === uppers.length - 1) &&
        (lower === null || upper === null || lower < upper),
    );
    const hasLevels = bins.some(({ rule }) => rule.kind === 'levels');
    const isOfKind =
      kind === 'numeric' ? uppers.length > 0 && !hasLevels : kind === 'categorical' && uppers.length === 0;
    if (!isCovering || !isOfKind) throw refused(file, `the bins of ${feature} do not fit its input`);
  }
  return fitted;
}

/** Also checks that terms read inputs of their kind. @throws AssayError bad_input */
export function parseLogistic(value: unknown, file: string): FittedLogistic {
  const fitted = parseAs(logisticSchema, value, file);
  const inputs = new Map(fitted.inputs.map((input) => [input.name, input]));
  for (const { feature, transform: term } of fitted.terms) {
    const input = inputs.get(feature);
    const wanted = term.kind === 'is_level' ? 'categorical' : 'numeric';
    const isOfKind = term.kind === 'is_missing' || input?.kind === wanted;
    if (!input || !isOfKind) throw refused(file, `a term reads ${feature} as what it is not`);
  }
  return fitted;
}

function parseAs<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw refused(file, issues.join('; '));
}

function refused(file: string, given: string): AssayError {
  return new AssayError('bad_input', {
    what: `${file} is not of its format`,
    given,
    allowed: 'what this version of Assay writes',
    fix: 'restore it, or train again',
  });
}
