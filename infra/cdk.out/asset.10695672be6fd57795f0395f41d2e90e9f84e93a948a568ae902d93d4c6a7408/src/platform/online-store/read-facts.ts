import type { TableSchema } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import type { StoredTable } from './apply-facts.ts';
import { type BookRow, type BookState, bookFromRow } from './book.ts';
import type { FactRow } from './fact.ts';
import { mergeFacts, type StoredFacts, unpackBlock } from './stored-facts.ts';

/** What the store holds of one borrower. */
export type BorrowerFacts = {
  /** By table, only those with facts. */
  readonly tables: ReadonlyMap<string, StoredFacts>;
  /** Of each streamed fact, when it had both happened and become known; microseconds since 1970. */
  readonly streamedMicroseconds: readonly number[];
  /** When the last of them was applied, by the clock of that moment. */
  readonly appliedAt: Date | null;
};

export type FactsRead = { readonly book: BookState; readonly borrowers: ReadonlyMap<string, BorrowerFacts> };

type ReadRow = Partial<BookRow> & {
  part: 'book' | 'base' | 'tail';
  borrower_id: string | null;
  name: string | null;
  payload: Buffer | null;
  contents: string | null;
  known: string | null;
  keys: string | null;
  applied_at: Date | null;
};

/** One statement, one state: the book, the packed base and the streamed tail of every borrower asked for. */
const READ_SQL = `
WITH book AS MATERIALIZED (SELECT * FROM online_books WHERE portfolio = $1)
SELECT 'book' AS part, NULL AS borrower_id, NULL AS name, NULL::bytea AS payload, NULL AS contents, NULL AS known, NULL AS keys,
  NULL::timestamptz AS applied_at, generation, snapshot_id, horizon_us, ahead_ms, references_version
FROM book
UNION ALL
SELECT 'base', b.borrower_id, b.table_name, b.payload, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM online_base b
WHERE b.portfolio = $1 AND b.generation = (SELECT generation FROM book) AND b.borrower_id = ANY($2::text[]) AND b.table_name = ANY($3::text[])
UNION ALL
SELECT 'tail', t.borrower_id, t.table_id::text, NULL, '[' || string_agg(t.content, ',') || ']',
  '[' || string_agg(COALESCE(t.known_us::text, 'null'), ',') || ']', '[' || string_agg(to_json(t.fact_key)::text, ',') || ']',
  max(t.applied_at), NULL, NULL, NULL, NULL, NULL
FROM online_tail t
WHERE t.borrower_id = ANY($2::text[]) AND t.table_id = ANY($4::smallint[])
GROUP BY t.borrower_id, t.table_id`;

/** A streamed fact: `content` as it is stored, `row` with its known time. */
export type TailFact = { readonly key: string; readonly content: FactRow; readonly row: FactRow };
/** One table of one borrower before its two parts are merged. */
export type TableParts = {
  readonly table: StoredTable;
  readonly base: StoredFacts | undefined;
  readonly tail: readonly TailFact[];
};
export type BorrowerParts = { readonly tables: readonly TableParts[]; readonly appliedAt: Date | null };

/** Reads borrowers in one round trip; '' reads the reference tables. */
export async function readParts(
  database: Database,
  portfolio: string,
  tables: readonly StoredTable[],
  borrowerIds: readonly string[],
): Promise<{ readonly book: BookState; readonly borrowers: ReadonlyMap<string, BorrowerParts> }> {
  const rows = await database.prepared<ReadRow>('online_read', READ_SQL, [
    portfolio,
    borrowerIds,
    tables.map(({ schema }) => schema.name),
    tables.map(({ id }) => id),
  ]);
  const book = bookFromRow(rows.find((row): row is ReadRow & BookRow => row.part === 'book'));
  const rowsOfBorrower = Map.groupBy(rows, (row) => row.borrower_id);
  return { book, borrowers: new Map(borrowerIds.map((id) => [id, partsOf(rowsOfBorrower.get(id) ?? [], tables)])) };
}

function partsOf(rows: readonly ReadRow[], tables: readonly StoredTable[]): BorrowerParts {
  const parts = tables.map((table) => {
    const base = rows.find((row) => row.part === 'base' && row.name === table.schema.name);
    const tail = rows.find((row) => row.part === 'tail' && row.name === String(table.id));
    return { table, base: base?.payload ? unpackBlock(base.payload) : undefined, tail: tailRows(table.schema, tail) };
  });
  const applied = rows.flatMap((row) => row.applied_at ?? []);
  const appliedAt = applied.reduce<Date | null>((last, time) => (last && last > time ? last : time), null);
  return { tables: parts.filter(({ base, tail }) => base || tail.length > 0), appliedAt };
}

export async function readFacts(...request: Parameters<typeof readParts>): Promise<FactsRead> {
  const { book, borrowers } = await readParts(...request);
  return { book, borrowers: new Map([...borrowers].map(([id, parts]) => [id, merged(parts)])) };
}

function merged({ tables, appliedAt }: BorrowerParts): BorrowerFacts {
  return {
    tables: new Map(tables.map(({ table, base, tail }) => [table.schema.name, mergeFacts(table.schema, base, tail)])),
    streamedMicroseconds: tables.flatMap(({ table, tail }) => tail.map(({ row }) => momentOf(table.schema, row))),
    appliedAt,
  };
}

function tailRows(schema: TableSchema, row: ReadRow | undefined): TailFact[] {
  if (!row?.contents || !row.known || !row.keys) return [];
  const known: (number | null)[] = JSON.parse(row.known);
  const keys: string[] = JSON.parse(row.keys);
  const contents: FactRow[] = JSON.parse(row.contents);
  return contents.map((content, i) => ({
    key: keys[i]!,
    content,
    row: schema.knownTime === undefined ? content : { ...content, [schema.knownTime]: known[i]! },
  }));
}

const MICROSECONDS_PER_DAY = 86_400_000_000;

/** When a fact had happened and was known; minus infinity for one without time. */
export function momentOf(schema: TableSchema, row: FactRow): number {
  const times = [schema.eventTime, schema.knownTime].map((name) => {
    const value = name === undefined ? null : row[name];
    if (typeof value !== 'number') return Number.NEGATIVE_INFINITY;
    const isDate = schema.columns.find((column) => column.name === name)?.type === 'date';
    return isDate ? value * MICROSECONDS_PER_DAY : value;
  });
  return Math.max(...times);
}
