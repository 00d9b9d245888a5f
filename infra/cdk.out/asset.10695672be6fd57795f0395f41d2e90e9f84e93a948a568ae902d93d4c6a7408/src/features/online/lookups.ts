import { compareText, type FeatureValue, type TableSchema } from '../../domain/index.ts';
import type { LookupGroup, LookupItem } from '../plan.ts';
import type { Tables } from '../references.ts';
import { wholeDays } from '../time.ts';
import { numberOf, type OnlineRow, textOf } from './columns.ts';

type Write = (name: string, value: FeatureValue) => void;
export type LookupSource =
  | Readonly<Record<string, readonly OnlineRow[]>>
  | ((table: string, column: string, key: string | number | boolean) => readonly OnlineRow[]);

export type LookupEvaluator = (application: OnlineRow, lookups: LookupSource, asOf: number, write: Write) => void;

/** Follows one chain of joins: at each step the latest row known before asOf. */
export function compileLookup(group: LookupGroup, tables: Tables): LookupEvaluator {
  const steps = group.path.map((step) => ({ table: tables.get(step.table)!, on: step.on }));
  const target = steps.at(-1)!.table.name;
  return (application, lookups, asOf, write) => {
    let row: OnlineRow | undefined = application;
    for (const step of steps) {
      row = row && latestKnown(lookups, step.table, step.on, row[step.on], asOf);
    }
    for (const item of group.items) write(item.name, row ? itemValue(item, row, target, asOf) : null);
  };
}

function latestKnown(
  lookups: LookupSource,
  table: TableSchema,
  on: string,
  key: OnlineRow[string],
  asOf: number,
): OnlineRow | undefined {
  if (key === null || key === undefined) return undefined;
  const rows = typeof lookups === 'function' ? lookups(table.name, on, key) : lookups[table.name];
  let latest: OnlineRow | undefined;
  for (const row of rows ?? []) {
    if (row[on] !== key || !isKnown(row, table, asOf)) continue;
    if (!latest || compareRecency(row, latest, table) > 0) latest = row;
  }
  return latest;
}

function timeOf(row: OnlineRow, table: TableSchema, column: string): number {
  return numberOf(row, table.columns.find((candidate) => candidate.name === column)!, table.name);
}

function isKnown(row: OnlineRow, table: TableSchema, asOf: number): boolean {
  if (table.eventTime && !(timeOf(row, table, table.eventTime) < asOf)) return false;
  return !table.knownTime || timeOf(row, table, table.knownTime) < asOf;
}

function compareRecency(a: OnlineRow, b: OnlineRow, table: TableSchema): number {
  for (const name of [table.eventTime, table.knownTime, ...table.key]) {
    if (name === undefined) continue;
    const schema = table.columns.find((column) => column.name === name)!;
    const difference =
      schema.type === 'text'
        ? compareText(textOf(a, schema, table.name) ?? '', textOf(b, schema, table.name) ?? '')
        : numberOf(a, schema, table.name) - numberOf(b, schema, table.name);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function itemValue(item: LookupItem, row: OnlineRow, table: string, asOf: number): FeatureValue {
  if (item.column.type === 'text') return textOf(row, item.column, table);
  const value = numberOf(row, item.column, table);
  if (Number.isNaN(value)) return null;
  return item.gives === 'days' ? wholeDays(asOf - value) : value;
}
