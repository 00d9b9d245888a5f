import type { DataClass } from './data-class.ts';

/**
 * Column types of the processed lake. `money` is integer minor units (BIGINT); `timestamp` is UTC without zone;
 * names are snake_case because these are the names SQL sees.
 */
export type ColumnType = 'text' | 'integer' | 'double' | 'money' | 'date' | 'timestamp' | 'boolean';

export type ColumnSchema = {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable?: boolean;
  readonly dataClass: DataClass;
  readonly description?: string;
  /** Of a column of class `social_network`: whose interface gave it. */
  readonly platform?: string;
  /** Values a text column may take. */
  readonly values?: readonly string[];
  /** Inclusive bounds of a number (money: minor units). */
  readonly min?: number;
  readonly max?: number;
};

export type TableSchema = {
  readonly name: string;
  readonly description: string;
  /** Columns that identify a row; a second row with the same key is a duplicate. */
  readonly key: readonly string[];
  /** When it happened, and when the lender knew it: a feature as of T sees rows with both strictly before T. */
  readonly eventTime?: string;
  readonly knownTime?: string;
  /** A date or timestamp column whose month names the `dt=YYYY-MM` partition; unset: one partition `dt=all`. */
  readonly partitionBy?: string;
  readonly columns: readonly ColumnSchema[];
};

export const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  double: 'DOUBLE',
  money: 'BIGINT',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
};
