import { canonicalJson, compareText, sha256Hex, type TableSchema } from '../../domain/index.ts';

/** As staged for the lake: text, numbers, true or false; dates as days and timestamps as microseconds since 1970 (UTC). */
export type FactValue = string | number | boolean | null;
export type FactRow = Readonly<Record<string, FactValue>>;

/** One row of a domain table on its way to the online store: validated, with every column of its table. */
export type OnlineFact = {
  readonly table: string;
  /** The text `factKeyOf` gives: canonical JSON array of the key's columns. */
  readonly key: string;
  /** Null for a row of a reference table, one without borrower_id. */
  readonly borrowerId: string | null;
  readonly row: FactRow;
};

/** What became of a fact. A conflict is the same key with other content: one of the two is kept, the other is `lost`. */
export type ApplyOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict'; readonly kept: 'stored' | 'this'; readonly lost: FactRow };

/** What a key stands for at one time; content is the same text for the same values. */
export type Version = {
  /** '' for a row of a reference table. */
  readonly borrowerId: string;
  readonly knownMicroseconds: number | null;
  /** JSON object of every column but the known time, in the order of the schema. */
  readonly content: string;
};

const MAX_KEY_CHARS = 200;

/** @example factKeyOf(transactionsTable, row) // '["t-17"]' */
export function factKeyOf(table: TableSchema, row: FactRow): string {
  return canonicalJson(table.key.map((name) => row[name] ?? null));
}

/** An index entry has a limit; a key beyond ours is kept as its hash. */
export function storedKey(key: string): string {
  return key.length <= MAX_KEY_CHARS ? key : `sha256:${sha256Hex(key)}`;
}

export function versionOf(table: TableSchema, { row, borrowerId }: Pick<OnlineFact, 'row' | 'borrowerId'>): Version {
  const content: Record<string, FactValue> = {};
  for (const { name } of table.columns) if (name !== table.knownTime) content[name] = row[name] ?? null;
  const known = table.knownTime === undefined ? null : row[table.knownTime];
  return {
    borrowerId: borrowerId ?? '',
    knownMicroseconds: typeof known === 'number' ? known : null,
    content: JSON.stringify(content),
  };
}

export function rowOf(table: TableSchema, version: Pick<Version, 'knownMicroseconds' | 'content'>): FactRow {
  const content: Record<string, FactValue> = JSON.parse(version.content);
  return table.knownTime === undefined ? content : { ...content, [table.knownTime]: version.knownMicroseconds };
}

/**
 * Which of two rows with one key counts, whatever order they came in: the one known first, then the one with the smaller
 * content, column by column. The batch path keeps the same one (removeRepeats in ingestion).
 * Below zero: a counts; zero: they are the same.
 */
export function compareVersions(table: TableSchema, a: Version, b: Version): number {
  const known = compareValues(a.knownMicroseconds, b.knownMicroseconds);
  if (known !== 0 || a.content === b.content) return known;
  const [left, right] = [rowOf(table, a), rowOf(table, b)];
  for (const { name } of table.columns) {
    const difference = compareValues(left[name] ?? null, right[name] ?? null);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** As `ORDER BY … NULLS LAST` has it. */
function compareValues(a: FactValue, b: FactValue): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return Number(a) - Number(b);
}

/** A newcomer against what holds its key: what is kept, and what to say of the newcomer. */
export function settle(
  table: TableSchema,
  stored: Version | undefined,
  newcomer: Version,
): { readonly kept: Version; readonly outcome: ApplyOutcome } {
  if (!stored) return { kept: newcomer, outcome: { kind: 'accepted' } };
  const first = compareVersions(table, stored, newcomer) <= 0 ? stored : newcomer;
  if (stored.content === newcomer.content) return { kept: first, outcome: { kind: 'duplicate' } };
  const lost = rowOf(table, first === stored ? newcomer : stored);
  return { kept: first, outcome: { kind: 'conflict', kept: first === stored ? 'stored' : 'this', lost } };
}
