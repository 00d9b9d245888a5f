import type { InputColumn, ModelManifest } from '../domain/index.ts';
import { MAX_REASONS, type Reason } from './score.ts';

/** Features grouped by reason code; positions refer to the model's inputs. */
export type ReasonGroups = {
  readonly codes: readonly { readonly code: string; readonly text: string }[];
  /** Group of each input. */
  readonly groupOf: Int32Array;
  readonly inputs: readonly InputColumn[];
};

/** A feature without an entry in the manifest's dictionary is a reason of its own, under its own name. */
export function groupReasons(inputs: readonly InputColumn[], dictionary: ModelManifest['reasons']): ReasonGroups {
  const codes: { code: string; text: string }[] = [];
  const positions = new Map<string, number>();
  const groupOf = Int32Array.from(inputs, (input) => {
    const entry = dictionary[input.name] ?? { code: input.name, text: input.name };
    const known = positions.get(entry.code);
    if (known !== undefined) return known;
    positions.set(entry.code, codes.length);
    codes.push({ code: entry.code, text: entry.text });
    return codes.length - 1;
  });
  return { codes, groupOf, inputs };
}

/**
 * The reasons of one row from its attributions (log-odds, one per input): those whose sum raises the pd, largest first,
 * ties in input order. `pointsPerLogOdds` turns an attribution into points lost.
 */
export function rankReasons(groups: ReasonGroups, attributions: Float64Array, pointsPerLogOdds: number): Reason[] {
  const sums = new Float64Array(groups.codes.length);
  for (let i = 0; i < attributions.length; i++) sums[groups.groupOf[i]!]! += attributions[i]!;
  const ranked: number[] = [];
  for (let group = 0; group < sums.length; group++) if (sums[group]! > 0) ranked.push(group);
  ranked.sort((a, b) => sums[b]! - sums[a]! || a - b);
  return ranked.slice(0, MAX_REASONS).map((group) => ({
    ...groups.codes[group]!,
    feature: strongestFeature(groups, attributions, group),
    points: sums[group]! * pointsPerLogOdds,
    attribution: sums[group]!,
  }));
}

function strongestFeature(groups: ReasonGroups, attributions: Float64Array, group: number): string {
  let strongest = -1;
  for (let i = 0; i < attributions.length; i++) {
    if (groups.groupOf[i] !== group) continue;
    if (strongest < 0 || attributions[i]! > attributions[strongest]!) strongest = i;
  }
  return groups.inputs[strongest]!.name;
}
