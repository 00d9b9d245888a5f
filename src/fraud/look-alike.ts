/**
 * Letters of other alphabets that look like a Latin one, by what they look like: those that people write names and addresses with to pass for
 * another (after the confusables of Unicode TS 39, lower case; Cyrillic, Greek, Armenian). A word of such an alphabet changes alike on both
 * sides of a comparison.
 */
const TWINS: Readonly<Record<string, string>> = {
  ...{ а: 'a', с: 'c', ԁ: 'd', е: 'e', һ: 'h', і: 'i', ј: 'j', ӏ: 'l', о: 'o', р: 'p', ԛ: 'q', ѕ: 's', у: 'y', х: 'x' },
  ...{ ԝ: 'w', в: 'b', к: 'k', м: 'm', н: 'h', т: 't', ѵ: 'v', ё: 'ë', ї: 'ï' },
  ...{ α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x', ϲ: 'c', ϳ: 'j' },
  ...{ ց: 'g', հ: 'h', ո: 'n', օ: 'o', ս: 'u', ք: 'p', ı: 'i' },
};

/** Lower-case text with its look-alike letters as the Latin ones. */
export function asItLooks(text: string): string {
  return text.replace(/\P{ASCII}/gu, (letter) => TWINS[letter] ?? letter);
}
