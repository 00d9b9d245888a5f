import { sha256Hex } from '../../domain/index.ts';

/** A column beside the body, and where in the body its truth lies. */
export type RegisterColumn = {
  readonly column: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'time';
};

/**
 * An append-only table of hashed records, one chain a portfolio: `portfolio, sequence (1, 2, 3 …), body, previous_hash, hash` and
 * columns to find a record by. As data, so that whoever verifies it needs to know nothing else of what it holds.
 */
export type AuditRegister = {
  readonly name: string;
  readonly table: string;
  /** Names a record to people. */
  readonly idColumn: string;
  readonly columns: readonly RegisterColumn[];
  /** Has a `response` column whose hash the body holds under `responseHash`. */
  readonly hasResponse: boolean;
  /** Texts that records refer to by their SHA-256: the column that names one, and the table that keeps it. */
  readonly referenceColumn?: string;
  readonly referenced?: { readonly table: string; readonly key: string; readonly text: string };
};

/** The hash before the first record of a chain. */
export const GENESIS_HASH = '0'.repeat(64);

/** Hash of a record: over the hash before it and its own text, so that no record can change or go without the rest showing it. */
export function recordHash(previousHash: string, bodyText: string): string {
  return sha256Hex(`${previousHash}\n${bodyText}`);
}
