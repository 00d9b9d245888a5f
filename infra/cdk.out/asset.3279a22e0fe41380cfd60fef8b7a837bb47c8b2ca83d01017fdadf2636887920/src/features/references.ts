import type { AggregateExpression, Arithmetic, ColumnSchema, FeatureExpression, LookupStep } from '../domain/index.ts';
import { type DataClass, strictestDataClass, type TableSchema } from '../domain/index.ts';

export type Tables = ReadonlyMap<string, TableSchema>;

/** The spine of every catalog: one row per loan application, asOf = its eventTime column. */
export const SPINE_TABLE = 'loan_applications';

/** A column a feature reads, as `table.column`; joins and filters count: they carry information too. */
export type ColumnReference = { readonly table: string; readonly column: string };

export type DateReference = Extract<FeatureExpression, { kind: 'attribute' | 'lookup' }>;

export function tablesByName(tables: readonly TableSchema[]): Tables {
  return new Map(tables.map((table) => [table.name, table]));
}

export function columnOf(tables: Tables, reference: ColumnReference): ColumnSchema | undefined {
  return tables.get(reference.table)?.columns.find((column) => column.name === reference.column);
}

/** Names of features an arithmetic expression reads, in order of appearance, once each. */
export function featureNamesIn(arithmetic: Arithmetic): string[] {
  const names = new Set<string>();
  visit(arithmetic, (node) => {
    if (node.op === 'feature') names.add(node.name);
  });
  return [...names];
}

export function datesIn(arithmetic: Arithmetic): DateReference[] {
  const dates: DateReference[] = [];
  visit(arithmetic, (node) => {
    if (node.op === 'days_before_as_of') dates.push(node.of);
  });
  return dates;
}

export function visit(node: Arithmetic, see: (node: Arithmetic) => void): void {
  see(node);
  switch (node.op) {
    case 'feature':
    case 'number':
    case 'days_before_as_of':
      return;
    case 'absolute':
    case 'negate':
      visit(node.of, see);
      return;
    case 'coalesce':
      visit(node.of, see);
      visit(node.otherwise, see);
      return;
    default:
      visit(node.left, see);
      visit(node.right, see);
  }
}

/** Columns an expression reads directly; a derived one adds only its dates (its operands are features of their own). */
export function columnsRead(expression: FeatureExpression, tables: Tables): ColumnReference[] {
  switch (expression.kind) {
    case 'attribute':
      return [{ table: SPINE_TABLE, column: expression.column }];
    case 'lookup':
      return lookupColumns(expression.path, expression.column);
    case 'aggregate':
      return aggregateColumns(expression, tables);
    case 'derived':
      return datesIn(expression.expression).flatMap((date) => columnsRead(date, tables));
  }
}

/** Both sides of each join count: a table joined by a protected column is that column under another name. */
function lookupColumns(path: readonly LookupStep[], column: string): ColumnReference[] {
  const read: ColumnReference[] = [];
  let from = SPINE_TABLE;
  for (const step of path) {
    read.push({ table: from, column: step.on }, { table: step.table, column: step.on });
    from = step.table;
  }
  return [...read, { table: from, column }];
}

function aggregateColumns(expression: AggregateExpression, tables: Tables): ColumnReference[] {
  const table = expression.source;
  const eventTime = tables.get(table)?.eventTime;
  const names = [
    ...('column' in expression.aggregate ? [expression.aggregate.column] : []),
    ...(expression.where ?? []).map((condition) => condition.column),
    ...(eventTime === undefined ? [] : [eventTime]),
  ];
  return [...new Set(names)].map((column) => ({ table, column }));
}

export function dataClassOf(references: readonly ColumnReference[], tables: Tables): DataClass {
  return strictestDataClass(references.map((reference) => columnOf(tables, reference)?.dataClass ?? 'financial'));
}
