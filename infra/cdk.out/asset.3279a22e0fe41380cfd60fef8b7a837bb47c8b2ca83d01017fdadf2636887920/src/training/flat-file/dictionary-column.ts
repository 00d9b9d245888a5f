/** A column of text as read: distinct values once, a code per row. Typing looks at distinct values only. */
export type DictionaryColumn = {
  readonly name: string;
  /** 0-based position in the file. */
  readonly position: number;
  /** The file gave no name. */
  readonly unnamed: boolean;
  /** Distinct values, trimmed, in order of first appearance. */
  readonly values: readonly string[];
  /** Rows per value. */
  readonly counts: Uint32Array;
  readonly codes: Uint32Array;
};

const FIRST_CAPACITY = 4096;

export class DictionaryBuilder {
  readonly #codeOf = new Map<string, number>();
  readonly #values: string[] = [];
  #codes = new Uint32Array(FIRST_CAPACITY);
  #rows = 0;

  add(text: string): void {
    let code = this.#codeOf.get(text);
    if (code === undefined) {
      code = this.#codeFor(text);
      this.#codeOf.set(text, code);
    }
    if (this.#rows === this.#codes.length) this.#grow();
    this.#codes[this.#rows++] = code;
  }

  /** ' 36 months' and '36 months' are one value. */
  #codeFor(text: string): number {
    const trimmed = text.trim();
    const known = trimmed === text ? undefined : this.#codeOf.get(trimmed);
    if (known !== undefined) return known;
    this.#values.push(trimmed);
    const code = this.#values.length - 1;
    this.#codeOf.set(trimmed, code);
    return code;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#codes.length * 2);
    larger.set(this.#codes);
    this.#codes = larger;
  }

  build(name: string, position: number, unnamed: boolean): DictionaryColumn {
    const codes = this.#codes.slice(0, this.#rows);
    const counts = new Uint32Array(this.#values.length);
    for (const code of codes) counts[code]! += 1;
    return { name, position, unnamed, values: this.#values, counts, codes };
  }
}

/** The same column with only these rows; values that no row holds any more keep a count of 0. */
export function selectDictionaryRows(column: DictionaryColumn, rows: Uint32Array): DictionaryColumn {
  const codes = new Uint32Array(rows.length);
  const counts = new Uint32Array(column.values.length);
  for (let i = 0; i < rows.length; i++) {
    codes[i] = column.codes[rows[i]!]!;
    counts[codes[i]!]! += 1;
  }
  return { ...column, codes, counts };
}
