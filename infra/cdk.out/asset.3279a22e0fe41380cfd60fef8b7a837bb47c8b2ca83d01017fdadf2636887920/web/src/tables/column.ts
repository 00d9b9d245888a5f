import type { ReactNode } from 'react';
import type { CsvColumn } from '../export/csv.ts';

/** A column of a table: how it reads on screen and as a raw value (for CSV and sorting). */
export type Column<Row> = CsvColumn<Row> & {
  readonly key: string;
  readonly align?: 'right';
  /** Holds sentences: keeps a readable width where room is short. */
  readonly wide?: boolean;
  readonly cell?: (row: Row) => ReactNode;
  readonly sortable?: boolean;
  /** Exact meaning of the figure, shown on hover and focus. */
  readonly hint?: string;
};

export type Sort = { readonly key: string; readonly direction: 'asc' | 'desc' };

/** Rows in the order of one column; nulls last either way, ties in the order they came. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const column = columns.find((candidate) => candidate.key === sort?.key);
  if (sort === null || column === undefined) return rows;
  const sign = sort.direction === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => compare(column.value(a), column.value(b), sign));
}

type Value = string | number | boolean | null | undefined;

function compare(a: Value, b: Value, sign: number): number {
  const missing = Number(a === null || a === undefined) - Number(b === null || b === undefined);
  if (missing !== 0) return missing;
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return sign * String(a ?? '').localeCompare(String(b ?? ''), 'en', { numeric: true });
}

/** Clicking a header: ascending, then descending, then as it came. */
export function nextSort(current: Sort | null, key: string): Sort | null {
  if (current?.key !== key) return { key, direction: 'asc' };
  return current.direction === 'asc' ? { key, direction: 'desc' } : null;
}
