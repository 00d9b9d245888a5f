import type { BestValues, InputColumn, ModelManifest } from '../domain/index.ts';
import { MAX_REASONS, type Reason } from './score.ts';

/** Features grouped by reason code; positions refer to the model's inputs. */
export type ReasonGroups = {
  readonly codes: readonly { readonly code: string; readonly text: string }[];
  /** By input: what to tell instead where its value is missing. */
  readonly whenMissing: readonly (string | undefined)[];
  /** By input: what to tell where no other value would score better. */
  readonly atBest: readonly (BestValues | undefined)[];
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
  // a category that the model does not know is no number either, but it is there: its text stays
  const whenMissing = inputs.map(({ name, kind }) => (kind === 'numeric' ? dictionary[name]?.whenMissing : undefined));
  const atBest = inputs.map(({ name }) => dictionary[name]?.atBest);
  return { codes, whenMissing, atBest, groupOf, inputs };
}

/** One row as the model saw it. */
export type AttributedRow = {
  /** Encoded inputs; NaN = missing. */
  readonly encoded: Float64Array;
  /** Log-odds, one per input. */
  readonly attributions: Float64Array;
};

/**
 * The reasons of one row from its attributions: those whose sum raises the pd, largest first, ties in input order. The text is
 * the code's, or that of its strongest feature being missing. `pointsPerLogOdds` turns an attribution into points lost.
 */
export function rankReasons(
  groups: ReasonGroups,
  { encoded, attributions }: AttributedRow,
  pointsPerLogOdds: number,
): Reason[] {
  const sums = new Float64Array(groups.codes.length);
  for (let i = 0; i < attributions.length; i++) sums[groups.groupOf[i]!]! += attributions[i]!;
  const ranked: number[] = [];
  for (let group = 0; group < sums.length; group++) if (sums[group]! > 0) ranked.push(group);
  ranked.sort((a, b) => sums[b]! - sums[a]! || a - b);
  return ranked.slice(0, MAX_REASONS).map((group) => {
    const strongest = strongestInput(groups, attributions, group);
    const { code, text } = groups.codes[group]!;
    return {
      code,
      text: textOfValue(groups, strongest, encoded[strongest]!) ?? text,
      feature: groups.inputs[strongest]!.name,
      points: sums[group]! * pointsPerLogOdds,
      attribution: sums[group]!,
    };
  });
}

/** What the value calls for in place of the code's text; undefined: nothing. */
function textOfValue({ whenMissing, atBest }: ReasonGroups, input: number, value: number): string | undefined {
  if (Number.isNaN(value)) return whenMissing[input];
  const best = atBest[input];
  const isBest = best && value >= (best.lower ?? -Infinity) && value < (best.upper ?? Infinity);
  return isBest ? best.text : undefined;
}

function strongestInput(groups: ReasonGroups, attributions: Float64Array, group: number): number {
  let strongest = -1;
  for (let i = 0; i < attributions.length; i++) {
    if (groups.groupOf[i] !== group) continue;
    if (strongest < 0 || attributions[i]! > attributions[strongest]!) strongest = i;
  }
  return strongest;
}
