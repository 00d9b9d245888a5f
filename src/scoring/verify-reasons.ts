import { encodeRow, type FeatureRow, type ModelManifest, type ReasonDictionary } from '../domain/index.ts';
import { groupReasons, rankReasons } from './reasons.ts';
import type { Reason } from './score.ts';

/** A reason as a record holds it. */
export type StatedReason = Pick<Reason, 'code' | 'text' | 'feature' | 'points'>;

/** What the check needs of a scorer: the row's margin and its exact attributions. */
export type ReasonWitness = {
  score(row: FeatureRow, options: { readonly reasons: false }): { readonly margin: number };
  attributions(row: FeatureRow): { readonly reference: number; readonly byFeature: Readonly<Record<string, number>> };
};

/** float32 sums of several hundred trees differ from float64 attributions by less than this share. */
const SUM_TOLERANCE = 1e-5;
const POINTS_TOLERANCE = 1e-9;

/**
 * Whether the reasons stated for a row are true of the model that scored it; every fault in words, none when they hold.
 * Checked: attributions and reference sum to the margin; every code and text is of the dictionary; each stated code raises the
 * pd; they are in order and nothing larger is left out; each names its strongest feature; points are in proportion to the
 * attributions.
 * @example verifyReasons(scorer, manifest, record.features, record.reasons) // []
 */
export function verifyReasons(
  scorer: ReasonWitness,
  manifest: Pick<ModelManifest, 'inputs' | 'reasons'>,
  row: FeatureRow,
  stated: readonly StatedReason[],
): string[] {
  const { reference, byFeature } = scorer.attributions(row);
  const { margin } = scorer.score(row, { reasons: false });
  const attributions = Float64Array.from(manifest.inputs, (input) => byFeature[input.name] ?? 0);
  const sum = attributions.reduce((total, value) => total + value, reference);
  const faults = [];
  if (Math.abs(sum - margin) > SUM_TOLERANCE * Math.max(1, Math.abs(margin)))
    faults.push(`attributions sum to ${sum}, the margin is ${margin}`);
  const groups = groupReasons(manifest.inputs, manifest.reasons);
  const truth = rankReasons(groups, { encoded: encodeRow(manifest.inputs, row), attributions }, 1);
  return [...faults, ...dictionaryFaults(manifest.reasons, stated), ...rankFaults(truth, stated)];
}

function dictionaryFaults(dictionary: ReasonDictionary, stated: readonly StatedReason[]): string[] {
  const entries = new Map(Object.values(dictionary).map(({ code, text }) => [code, text]));
  return stated.flatMap(({ code, text, feature }) => {
    const known = entries.get(code) ?? (dictionary[feature] === undefined ? feature : undefined);
    const { whenMissing, atBest } = dictionary[feature] ?? {};
    if ([known, whenMissing, atBest?.text].includes(text)) return [];
    return [`${code}: the dictionary of the model does not say "${text}"`];
  });
}

function rankFaults(truth: readonly Reason[], stated: readonly StatedReason[]): string[] {
  const faults = truth
    .slice(stated.length)
    .map(({ code, attribution }) => `${code} is left out, which raises the log-odds by ${attribution}`);
  const pointsPerLogOdds = truth[0] && stated[0] ? stated[0].points / truth[0].attribution : 0;
  stated.forEach(({ code, text, feature, points }, position) => {
    const true_ = truth[position];
    if (!true_ || true_.code !== code)
      faults.push(`${code} is stated as reason ${position + 1}, which is ${true_?.code ?? 'none'}`);
    else if (true_.feature !== feature)
      faults.push(`${code}: its strongest feature is ${true_.feature}, not ${feature}`);
    else if (true_.text !== text) faults.push(`${code}: ${feature} calls for "${true_.text}", not "${text}"`);
    else if (Math.abs(points - true_.attribution * pointsPerLogOdds) > POINTS_TOLERANCE * Math.max(1, Math.abs(points)))
      faults.push(`${code}: ${points} points are not in proportion to its attribution`);
  });
  return faults;
}

/** All attributions of a row by reason code, largest first: what raised the pd and what lowered it. They sum to margin - reference. */
export function attributionsByCode(
  dictionary: ReasonDictionary,
  byFeature: Readonly<Record<string, number>>,
): {
  readonly code: string;
  readonly text: string;
  readonly attribution: number;
  readonly features: readonly string[];
}[] {
  const byCode = new Map<string, { code: string; text: string; attribution: number; features: string[] }>();
  for (const [feature, attribution] of Object.entries(byFeature)) {
    const { code, text } = dictionary[feature] ?? { code: feature, text: feature };
    const entry = byCode.get(code) ?? { code, text, attribution: 0, features: [] };
    byCode.set(code, {
      ...entry,
      attribution: entry.attribution + attribution,
      features: [...entry.features, feature],
    });
  }
  return [...byCode.values()].sort((a, b) => b.attribution - a.attribution || (a.code < b.code ? -1 : 1));
}
