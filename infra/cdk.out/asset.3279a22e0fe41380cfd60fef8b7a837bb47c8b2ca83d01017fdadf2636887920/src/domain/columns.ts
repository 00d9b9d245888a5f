import type { ColumnSchema, ColumnType } from './table.ts';

type Extra = Partial<Omit<ColumnSchema, 'name' | 'type'>>;

const of =
  (type: ColumnType) =>
  (name: string, extra: Extra = {}): ColumnSchema => ({ name, type, dataClass: 'financial', ...extra });

/** Short ways to write the columns of a table; class `financial` unless said otherwise. */
export const column = {
  text: of('text'),
  integer: of('integer'),
  double: of('double'),
  money: of('money'),
  date: of('date'),
  timestamp: of('timestamp'),
  boolean: of('boolean'),
} as const;
