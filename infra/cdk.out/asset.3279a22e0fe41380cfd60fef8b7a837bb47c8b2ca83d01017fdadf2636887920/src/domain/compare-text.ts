/**
 * Order of two texts as SQL engines sort them: by UTF-8 bytes, which is by code point. JavaScript's `<` compares UTF-16
 * units and puts U+1F600 before U+FFFD; DuckDB and Spark put it after.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates (0xD800-0xDFFF) stand for code points above every other unit: lift them over 0xE000-0xFFFF. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
