import type {
  Aggregate,
  AggregateExpression,
  ColumnSchema,
  Condition,
  FeatureDefinition,
  LookupStep,
  TableSchema,
} from '../domain/index.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CheckedCatalog } from './check-catalog.ts';
import { columnOf, type DateReference, datesIn } from './references.ts';

/** The rows of a source that an aggregate takes: a filter and a window. Aggregates of one slice share its work. */
export type Slice = {
  readonly where: readonly Condition[];
  /** Null: all history. */
  readonly windowDays: number | null;
  readonly offsetDays: number;
};

export type AggregateItem = {
  readonly name: string;
  readonly aggregate: Aggregate;
  /** Index into the group's slices. */
  readonly slice: number;
  /** Schema of the aggregated column; undefined for counts and days. */
  readonly column: ColumnSchema | undefined;
};

/** All aggregates over one source: one scan. */
export type AggregateGroup = {
  readonly name: string;
  readonly table: TableSchema;
  readonly slices: readonly Slice[];
  readonly items: readonly AggregateItem[];
};

/** `value`: the column itself. `days`: whole days from it to asOf, an operand of derived features. */
export type LookupItem = { readonly name: string; readonly gives: 'value' | 'days'; readonly column: ColumnSchema };

/** All columns read at the end of one chain of joins. */
export type LookupGroup = {
  readonly name: string;
  readonly path: readonly LookupStep[];
  readonly items: readonly LookupItem[];
};

/** What both engines carry out: the same groups, slices and order of evaluation. */
export type CatalogPlan = {
  readonly catalog: CheckedCatalog;
  readonly attributes: readonly LookupItem[];
  readonly lookups: readonly LookupGroup[];
  readonly aggregates: readonly AggregateGroup[];
  /** Derived features by level: each reads only earlier levels. */
  readonly derived: readonly (readonly FeatureDefinition[])[];
  /** Name of the value that holds the days from a date to asOf. */
  readonly daysName: (date: DateReference) => string;
};

export function planCatalog(catalog: CheckedCatalog): CatalogPlan {
  const definitions = catalog.features.map((feature) => feature.definition);
  const dateNames = new Map<string, string>();
  const dates: { reference: DateReference; name: string }[] = [];
  for (const definition of definitions) {
    if (definition.definition.kind !== 'derived') continue;
    for (const reference of datesIn(definition.definition.expression)) {
      const key = canonicalJson(reference);
      if (dateNames.has(key)) continue;
      // A leading underscore cannot clash with a feature: their names start with a letter.
      dateNames.set(key, `_days_${dateNames.size + 1}`);
      dates.push({ reference, name: dateNames.get(key)! });
    }
  }
  return {
    catalog,
    attributes: attributeItems(catalog, definitions, dates),
    lookups: lookupGroups(catalog, definitions, dates),
    aggregates: aggregateGroups(catalog, definitions),
    derived: derivedLevels(catalog),
    daysName: (date) => dateNames.get(canonicalJson(date))!,
  };
}

type NamedDate = { readonly reference: DateReference; readonly name: string };

function attributeItems(
  catalog: CheckedCatalog,
  definitions: readonly FeatureDefinition[],
  dates: readonly NamedDate[],
): LookupItem[] {
  const item = (name: string, gives: LookupItem['gives'], column: string): LookupItem => ({
    name,
    gives,
    column: columnOf(catalog.tables, { table: catalog.spine.name, column })!,
  });
  const values = definitions.flatMap(({ name, definition }) =>
    definition.kind === 'attribute' ? [item(name, 'value', definition.column)] : [],
  );
  const days = dates.flatMap(({ reference, name }) =>
    reference.kind === 'attribute' ? [item(name, 'days', reference.column)] : [],
  );
  return [...values, ...days];
}

function lookupGroups(
  catalog: CheckedCatalog,
  definitions: readonly FeatureDefinition[],
  dates: readonly NamedDate[],
): LookupGroup[] {
  const groups = new Map<string, { path: readonly LookupStep[]; items: LookupItem[] }>();
  const add = (path: readonly LookupStep[], name: string, gives: LookupItem['gives'], column: string): void => {
    const key = canonicalJson(path);
    const group = groups.get(key) ?? { path, items: [] };
    groups.set(key, group);
    group.items.push({ name, gives, column: columnOf(catalog.tables, { table: path.at(-1)!.table, column })! });
  };
  for (const { name, definition } of definitions) {
    if (definition.kind === 'lookup') add(definition.path, name, 'value', definition.column);
  }
  for (const { reference, name } of dates) {
    if (reference.kind === 'lookup') add(reference.path, name, 'days', reference.column);
  }
  return uniquelyNamed([...groups.values()], (group) => ['lookup', ...group.path.map((step) => step.table)].join('_'));
}

/** Two paths may cross the same tables by other columns: the second is numbered. */
function uniquelyNamed<T extends object>(groups: readonly T[], nameOf: (group: T) => string): (T & { name: string })[] {
  const used = new Map<string, number>();
  return groups.map((group) => {
    const name = nameOf(group);
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    return { ...group, name: count === 1 ? name : `${name}_${count}` };
  });
}

function aggregateGroups(catalog: CheckedCatalog, definitions: readonly FeatureDefinition[]): AggregateGroup[] {
  const groups = new Map<string, { name: string; table: TableSchema; slices: Slice[]; items: AggregateItem[] }>();
  for (const { name, definition } of definitions) {
    if (definition.kind !== 'aggregate') continue;
    const table = catalog.tables.get(definition.source)!;
    const group = groups.get(table.name) ?? { name: table.name, table, slices: [], items: [] };
    groups.set(table.name, group);
    const column =
      'column' in definition.aggregate
        ? columnOf(catalog.tables, { table: table.name, column: definition.aggregate.column })
        : undefined;
    group.items.push({ name, aggregate: definition.aggregate, slice: sliceIndex(group.slices, definition), column });
  }
  return [...groups.values()];
}

function sliceIndex(slices: Slice[], expression: AggregateExpression): number {
  const slice: Slice = {
    where: expression.where ?? [],
    windowDays: expression.windowDays ?? null,
    offsetDays: expression.offsetDays ?? 0,
  };
  const key = canonicalJson(slice);
  const known = slices.findIndex((candidate) => canonicalJson(candidate) === key);
  if (known >= 0) return known;
  return slices.push(slice) - 1;
}

function derivedLevels(catalog: CheckedCatalog): FeatureDefinition[][] {
  const levels: FeatureDefinition[][] = [];
  for (const { definition, level } of catalog.features) {
    if (level === 0) continue;
    const existing = levels[level - 1] ?? [];
    levels[level - 1] = existing;
    existing.push(definition);
  }
  return levels;
}

export function describeSlice(slice: Slice): string {
  const window = slice.windowDays === null ? 'all history' : `${slice.windowDays} days`;
  const offset = slice.offsetDays > 0 ? `, ending ${slice.offsetDays} days before` : '';
  const filter = slice.where.map(
    (c) => `${c.column} ${c.op} ${typeof c.value === 'object' ? c.value.join('/') : c.value}`,
  );
  return [window + offset, ...filter].join('; ');
}
