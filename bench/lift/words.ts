import type { Column } from '../../src/domain/index.ts';

/** A word is looked at when so many training rows have it. */
const MIN_SHARE = 0.01;
const MAX_WORDS = 40;
/** Words that tell, or hint at, what no decision may rest on: family, sex, age, health, belief, origin. */
const NEVER =
  /^(wife|husband|spouse|married|marriage|wedding|divorce\w*|widow\w*|single|fianc\w*|engage\w*|bab(y|ies)|pregnan\w*|child\w*|kids?|mothers?|fathers?|moms?|dads?|sons?|daughters?|famil\w*|girl\w*|boy\w*|men|women|man|woman|health\w*|medic\w*|hospital\w*|surg\w*|doctor\w*|nurs\w*|church\w*|god|bless\w*|pray\w*|christ\w*|jew\w*|muslim\w*|american|mexic\w*|chin\w*|india\w*|retire\w*|age)$/;

export const wordsOf = (text: string): Set<string> =>
  new Set((text.toLowerCase().match(/[a-z]{3,20}/g) ?? []).filter((word) => !NEVER.test(word)));

/**
 * The words of training rows that tell most of default: information value of having the word, counts smoothed by half a row.
 * Only rows of `train` are counted, so that a fold is told by words that it did not choose.
 */
export function chooseWords(words: readonly ReadonlySet<string>[], target: Uint8Array, train: Uint32Array): string[] {
  const counts = new Map<string, [good: number, bad: number]>();
  const total: [number, number] = [0, 0];
  for (const row of train) {
    const side = target[row] === 1 ? 1 : 0;
    total[side] += 1;
    for (const word of words[row]!) {
      const found = counts.get(word) ?? [0, 0];
      found[side] += 1;
      counts.set(word, found);
    }
  }
  return [...counts]
    .filter(([, [good, bad]]) => good + bad >= MIN_SHARE * train.length)
    .map(([word, found]) => ({ word, value: informationValue(found, total) }))
    .sort((a, b) => b.value - a.value || (a.word < b.word ? -1 : 1))
    .slice(0, MAX_WORDS)
    .map(({ word }) => word);
}

function informationValue([good, bad]: [number, number], [goods, bads]: [number, number]): number {
  const part = (g: number, b: number): number => {
    const [shareGood, shareBad] = [(g + 0.5) / (goods + 1), (b + 0.5) / (bads + 1)];
    return (shareGood - shareBad) * Math.log(shareGood / shareBad);
  };
  return part(good, bad) + part(goods - good, bads - bad);
}

/** 1 where a row has the word. */
export function wordColumns(words: readonly ReadonlySet<string>[], chosen: readonly string[]): Column[] {
  return chosen.map((word) => ({
    kind: 'numeric',
    name: `word_${word}`,
    values: Float64Array.from(words, (row) => (row.has(word) ? 1 : 0)),
  }));
}
