import { canonicalJson, sha256Hex } from './canonical-json.ts';
import type { FeatureDefinition, ReasonText } from './feature.ts';

/**
 * What to tell of a feature; `whenMissing` in place of `text` where the value was not there: a missing figure is neither too high nor
 * too low. `atBest` in its place for values from `lower` to below `upper` (null: open): no other value would score better, only none, so
 * that it is not the figure that is held against the applicant, but that there is one.
 */
export type ReasonEntry = ReasonText & {
  readonly whenMissing?: string | undefined;
  readonly atBest?: BestValues | undefined;
};
export type BestValues = { readonly text: string; readonly lower: number | null; readonly upper: number | null };

/** feature -> reason code and texts, as a model manifest holds it. */
export type ReasonDictionary = Readonly<Record<string, ReasonEntry>>;

/** @example reasonEntryOf(instalmentToIncome) // { code: 'LON1', text: 'Instalment too high …', whenMissing: 'Instalment over income: not stated' } */
export function reasonEntryOf({
  reason,
  title,
  nullMeaning,
}: Pick<FeatureDefinition, 'reason' | 'title' | 'nullMeaning'>): ReasonEntry {
  return { ...reason, whenMissing: `${title}: ${nullMeaning}` };
}

/** Texts that say nothing of the applicant: Reg B, 12 CFR 1002.9(b)(2), calls such a statement insufficient. */
const EMPTY_TEXTS = [
  /internal (standards|polic(y|ies)|criteria)/i,
  /qualifying score/i,
  /(credit )?scor(e|ing) (too low|insufficient|not high enough)/i,
  /(credit )?risk (is )?too high/i,
  /\b(model|algorithm|cut-?off)\b/i,
];

const hashes = new WeakMap<ReasonDictionary, string>();

/** Version of a dictionary: sha256 of its entries in canonical JSON. Kept for the same object: every decision asks for it. */
export function reasonDictionaryHash(dictionary: ReasonDictionary): string {
  const known = hashes.get(dictionary);
  if (known !== undefined) return known;
  const hash = sha256Hex(canonicalJson({ format: 'assay-reasons/1', features: dictionary }));
  hashes.set(dictionary, hash);
  return hash;
}

/** Whether a text tells a borrower something of their own case, as the principal reasons of a notice must. */
export function isSpecificReason(text: string): boolean {
  return text.trim().length > 3 && !EMPTY_TEXTS.some((pattern) => pattern.test(text));
}

/** What is wrong with a dictionary: a code with two texts, or a text that is no reason. Empty when nothing is. */
export function reasonDictionaryIssues(dictionary: ReasonDictionary): { path: string; message: string }[] {
  const texts = new Map<string, string>();
  return Object.entries(dictionary).flatMap(([path, { code, text }]) => {
    const known = texts.get(code) ?? text;
    texts.set(code, known);
    if (known !== text) return [{ path, message: `reason ${code} has two texts: "${known}" and "${text}"` }];
    if (!isSpecificReason(text)) return [{ path, message: `reason ${code} tells the borrower nothing: "${text}"` }];
    return [];
  });
}
