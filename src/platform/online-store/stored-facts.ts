import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AssayError, type TableSchema } from '../../domain/index.ts';
import { compareVersions, type FactRow, type FactValue, factKeyOf, storedKey, versionOf } from './fact.ts';

/** Rows of one table, of one borrower (or of a whole reference table). */
export type StoredFacts = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly FactValue[])[];
};

/** Facts of the processed zone on their way into the base. */
export type BaseBlock = {
  readonly table: string;
  /** Null: the whole of a reference table. */
  readonly borrowerId: string | null;
  readonly facts: number;
  /** JSON array of rows, each an array in the order of `columns`. */
  readonly rowsJson: string;
  readonly columns: readonly string[];
};

/** At once: a block takes some 25 µs, and a thousand compressors waiting for a thread each hold their own megabytes. */
export function packBlock({ columns, rowsJson }: BaseBlock): Buffer {
  return zstdCompressSync(`{"columns":${JSON.stringify(columns)},"rows":${rowsJson}}`);
}

/** @throws AssayError tampered for bytes that are not what `packBlock` made */
export function unpackBlock(payload: Uint8Array): StoredFacts {
  try {
    const block: StoredFacts = JSON.parse(zstdDecompressSync(payload).toString('utf8'));
    return block;
  } catch (cause) {
    throw new AssayError(
      'tampered',
      {
        what: 'facts of the online store cannot be read',
        fix: 'fill it again: assay pipeline run --from FillOnlineStore',
      },
      { cause },
    );
  }
}

/**
 * Base and tail of one table as one: a key in both counts once, and of two contents the one `compareVersions` puts first.
 * Rows come in no particular order.
 */
export function mergeFacts(
  schema: TableSchema,
  base: StoredFacts | undefined,
  tail: readonly { readonly key: string; readonly row: FactRow }[],
): StoredFacts {
  const columns = schema.columns.map(({ name }) => name);
  const rows = base ? inOrder(base, columns) : [];
  if (tail.length === 0) return { columns, rows };
  const streamed = new Map(tail.map(({ key, row }) => [key, row]));
  const kept = rows.filter((values) => {
    const row = rowFrom(columns, values);
    const key = storedKey(factKeyOf(schema, row));
    const other = streamed.get(key);
    if (!other) return true;
    if (comesFirst(schema, other, row)) return false;
    streamed.delete(key);
    return true;
  });
  return { columns, rows: [...kept, ...[...streamed.values()].map((row) => columns.map((name) => row[name] ?? null))] };
}

/** Whether the streamed row counts, and not the one in the base. */
function comesFirst(schema: TableSchema, streamed: FactRow, based: FactRow): boolean {
  const version = (row: FactRow) => versionOf(schema, { row, borrowerId: null });
  return compareVersions(schema, version(streamed), version(based)) < 0;
}

/** The streamed facts that the base holds too, or holds a version of that counts more. */
export function foundInBase<Fact extends { readonly key: string; readonly row: FactRow }>(
  schema: TableSchema,
  base: StoredFacts | undefined,
  tail: readonly Fact[],
): Fact[] {
  if (!base || tail.length === 0) return [];
  const columns = schema.columns.map(({ name }) => name);
  const based = new Map(
    inOrder(base, columns).map((values) => {
      const row = rowFrom(columns, values);
      return [storedKey(factKeyOf(schema, row)), row];
    }),
  );
  return tail.filter(({ key, row }) => {
    const other = based.get(key);
    return other !== undefined && !comesFirst(schema, row, other);
  });
}

function rowFrom(columns: readonly string[], values: readonly FactValue[]): FactRow {
  return Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null]));
}

/** A base written before the table got a column reads it as missing. */
function inOrder({ columns, rows }: StoredFacts, wanted: readonly string[]): readonly (readonly FactValue[])[] {
  if (columns.length === wanted.length && columns.every((name, i) => name === wanted[i])) return rows;
  const places = wanted.map((name) => columns.indexOf(name));
  return rows.map((row) => places.map((place) => row[place] ?? null));
}
