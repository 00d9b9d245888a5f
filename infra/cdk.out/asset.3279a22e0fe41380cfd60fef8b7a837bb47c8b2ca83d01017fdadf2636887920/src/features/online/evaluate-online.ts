import type {
  Arithmetic,
  FeatureCatalog,
  FeatureDefinition,
  FeatureRow,
  FeatureValue,
  TableSchema,
} from '../../domain/index.ts';
import { checkCatalog } from '../check-catalog.ts';
import { type CatalogPlan, planCatalog } from '../plan.ts';
import { parseMicroseconds } from '../time.ts';
import { compileGroup, type GroupEvaluator } from './aggregates.ts';
import { type EventColumns, eventColumns, isEventColumns, type OnlineRow } from './columns.ts';
import { compileLookup, itemValue, type LookupSource } from './lookups.ts';

export type OnlineInput = {
  /** The row of loan_applications. */
  readonly application: OnlineRow;
  /** Rows of looked-up tables: by table name, at least those the joins reach, or a function that finds them by key. */
  readonly lookups?: LookupSource;
  /** The borrower's rows of event tables by table name, in any order; an absent table has no rows. */
  readonly events?: Readonly<Record<string, readonly OnlineRow[] | EventColumns>>;
  /** UTC ISO time: the application's moment. Facts at or after it are not seen. */
  readonly asOf: string;
};

export type OnlineEvaluator = {
  /** Event tables and the columns of them that are read. */
  readonly eventColumns: Readonly<Record<string, readonly string[]>>;
  readonly lookupTables: readonly string[];
  readonly evaluate: (input: OnlineInput) => FeatureRow;
};

/**
 * A catalog made ready to be evaluated for one loan application at a time. Every value equals, bit for bit, the cell the
 * SQL of `compileSql` gives for the same facts.
 * @throws AssayError as `checkCatalog` does; `evaluate` throws bad_input for a value that does not fit its column.
 */
export function compileOnline(catalog: FeatureCatalog, tables: readonly TableSchema[]): OnlineEvaluator {
  const plan = planCatalog(checkCatalog(catalog, tables));
  const groups = plan.aggregates.map(compileGroup);
  const lookups = plan.lookups.map((group) => compileLookup(group, plan.catalog.tables));
  const derived = plan.derived
    .flat()
    .map((feature) => ({ name: feature.name, evaluate: compileDerived(feature, plan) }));
  const names = plan.catalog.features.map((feature) => feature.definition.name);
  const tableOf = new Map(plan.aggregates.map((group) => [group.table.name, group.table]));
  return {
    eventColumns: Object.fromEntries(groups.map((group) => [group.table, group.columns])),
    lookupTables: [...new Set(plan.lookups.flatMap((group) => group.path.map((step) => step.table)))],
    evaluate: ({ application, lookups: lookupRows = {}, events = {}, asOf }) => {
      const at = parseMicroseconds(asOf);
      const values = new Map<string, FeatureValue>();
      const write = (name: string, value: FeatureValue): void => void values.set(name, value);
      for (const item of plan.attributes) write(item.name, itemValue(item, application, plan.catalog.spine.name, at));
      for (const lookup of lookups) lookup(application, lookupRows, at, write);
      for (const group of groups)
        evaluateGroup(group, tableOf.get(group.table)!, application, events[group.table] ?? [], at, write);
      for (const { name, evaluate } of derived) write(name, orNull(evaluate(values)));
      return Object.fromEntries(names.map((name) => [name, values.get(name) ?? null]));
    },
  };
}

function evaluateGroup(
  group: GroupEvaluator,
  table: TableSchema,
  application: OnlineRow,
  events: readonly OnlineRow[] | EventColumns,
  asOf: number,
  write: (name: string, value: FeatureValue) => void,
): void {
  const borrower = application['borrower_id'];
  const borrowerId = typeof borrower === 'string' ? borrower : null;
  group.evaluate(isEventColumns(events) ? events : eventColumns(table, group.columns, events, borrowerId), asOf, write);
}

export type Values = ReadonlyMap<string, FeatureValue>;
export type Evaluate = (values: Values) => number;

export function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

export function compileDerived({ name, definition }: FeatureDefinition, plan: CatalogPlan): Evaluate {
  if (definition.kind !== 'derived') throw new Error(`${name} is not derived`);
  return compileArithmetic(definition.expression, plan);
}

/** Arithmetic with NaN for null, which spreads as null does in SQL. */
function compileArithmetic(node: Arithmetic, plan: CatalogPlan): Evaluate {
  switch (node.op) {
    case 'feature':
      return read(node.name);
    case 'number':
      return () => node.value;
    case 'days_before_as_of':
      return read(plan.daysName(node.of));
    case 'absolute':
    case 'negate': {
      const of = compileArithmetic(node.of, plan);
      return node.op === 'absolute' ? (values) => Math.abs(of(values)) : (values) => -of(values);
    }
    case 'coalesce': {
      const of = compileArithmetic(node.of, plan);
      const otherwise = compileArithmetic(node.otherwise, plan);
      return (values) => {
        const value = of(values);
        return Number.isNaN(value) ? otherwise(values) : value;
      };
    }
    default: {
      const left = compileArithmetic(node.left, plan);
      const right = compileArithmetic(node.right, plan);
      const combine = OPERATIONS[node.op];
      return (values) => combine(left(values), right(values));
    }
  }
}

const OPERATIONS: Readonly<
  Record<'add' | 'subtract' | 'multiply' | 'divide' | 'least' | 'greatest', (l: number, r: number) => number>
> = {
  add: (l, r) => l + r,
  subtract: (l, r) => l - r,
  multiply: (l, r) => l * r,
  divide: (l, r) => (r === 0 ? Number.NaN : l / r),
  least: (l, r) => (l <= r ? l : l > r ? r : Number.NaN),
  greatest: (l, r) => (l <= r ? r : l > r ? l : Number.NaN),
};

function read(name: string): Evaluate {
  return (values) => {
    const value = values.get(name);
    return typeof value === 'number' ? value : Number.NaN;
  };
}

const compiled = new WeakMap<FeatureCatalog, { tables: readonly TableSchema[]; evaluator: OnlineEvaluator }>();

/**
 * The features of one loan application, now. Compiles the catalog on first use and keeps that for the same objects.
 * @example evaluateOnline(portfolio.features, tables, { application, lookups: { borrowers: [row] }, events: { transactions }, asOf });
 */
export function evaluateOnline(
  catalog: FeatureCatalog,
  tables: readonly TableSchema[],
  input: OnlineInput,
): FeatureRow {
  const known = compiled.get(catalog);
  if (known && known.tables === tables) return known.evaluator.evaluate(input);
  const evaluator = compileOnline(catalog, tables);
  compiled.set(catalog, { tables, evaluator });
  return evaluator.evaluate(input);
}
