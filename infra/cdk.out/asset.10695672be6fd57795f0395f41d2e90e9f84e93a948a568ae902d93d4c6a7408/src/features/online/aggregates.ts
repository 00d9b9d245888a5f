import { AssayError, type Condition, compareText, type FeatureValue } from '../../domain/index.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { AggregateGroup, AggregateItem } from '../plan.ts';
import { MICROSECONDS_PER_DAY, monthNumber, wholeDays } from '../time.ts';
import type { EventColumn, EventColumns } from './columns.ts';
import { exactDot, exactSum, type Rows } from './exact.ts';

type Write = (name: string, value: FeatureValue) => void;

export type GroupEvaluator = {
  readonly table: string;
  /** Columns `evaluate` reads. */
  readonly columns: readonly string[];
  readonly evaluate: (events: EventColumns, asOf: number, write: Write) => void;
};

/** One source's aggregates for one borrower: rows known before asOf, then per filter, per slice, per feature. */
export function compileGroup(group: AggregateGroup): GroupEvaluator {
  const filters = distinctFilters(group);
  const filterOfSlice = group.slices.map((slice) => filters.keys.indexOf(canonicalJson(slice.where)));
  const order = [group.table.eventTime!, ...group.table.key];
  return {
    table: group.table.name,
    columns: columnsRead(group),
    evaluate: (events, asOf, write) => {
      const known = knownRows(group, events, asOf);
      const ages = agesOf(numbers(events, group.table.eventTime!), asOf);
      const filtered = filters.conditions.map((conditions) => filterRows(known, conditions, events));
      const slices = group.slices.map((slice, i) => {
        const from = slice.offsetDays * MICROSECONDS_PER_DAY;
        const to =
          slice.windowDays === null ? Number.POSITIVE_INFINITY : from + slice.windowDays * MICROSECONDS_PER_DAY;
        return rowsOfAge(filtered[filterOfSlice[i]!]!, ages, slice.offsetDays === 0 ? 0 : from, to);
      });
      for (const item of group.items) write(item.name, aggregate(item, slices[item.slice]!, events, ages, order));
    },
  };
}

function columnsRead(group: AggregateGroup): string[] {
  const { table } = group;
  const names = new Set<string>([table.eventTime!]);
  if (table.knownTime) names.add(table.knownTime);
  for (const slice of group.slices) for (const condition of slice.where) names.add(condition.column);
  for (const item of group.items) {
    if (item.column) names.add(item.column.name);
    if (item.aggregate.fn === 'first' || item.aggregate.fn === 'last') for (const key of table.key) names.add(key);
  }
  return [...names];
}

function distinctFilters(group: AggregateGroup): { keys: string[]; conditions: (readonly Condition[])[] } {
  const byKey = new Map(group.slices.map((slice) => [canonicalJson(slice.where), slice.where]));
  return { keys: [...byKey.keys()], conditions: [...byKey.values()] };
}

function columnNamed(events: EventColumns, name: string): EventColumn {
  const column = events.columns[name];
  if (!column)
    throw new AssayError('bad_input', {
      what: `events lack the column "${name}"`,
      fix: 'pass every column the catalog reads',
    });
  return column;
}

function numbers(events: EventColumns, name: string): Float64Array {
  const column = columnNamed(events, name);
  if (column instanceof Float64Array) return column;
  throw new AssayError('bad_input', {
    what: `events hold text in the number column "${name}"`,
    allowed: 'a Float64Array',
  });
}

/** Nothing from the future: only rows that had happened and were known before asOf. */
function knownRows(group: AggregateGroup, events: EventColumns, asOf: number): Rows {
  const happened = numbers(events, group.table.eventTime!);
  const known = group.table.knownTime ? numbers(events, group.table.knownTime) : happened;
  return chooseRows(events.rowCount, (row) => happened[row]! < asOf && known[row]! < asOf);
}

function chooseRows(rowCount: number, keep: (row: number) => boolean): Rows {
  const rows = new Int32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (keep(row)) rows[count++] = row;
  return rows.subarray(0, count);
}

function narrow(rows: Rows, keep: (row: number) => boolean): Rows {
  const kept = new Int32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (keep(rows[i]!)) kept[count++] = rows[i]!;
  return kept.subarray(0, count);
}

function agesOf(happened: Float64Array, asOf: number): Float64Array {
  const ages = new Float64Array(happened.length);
  for (let i = 0; i < ages.length; i++) ages[i] = asOf - happened[i]!;
  return ages;
}

function rowsOfAge(rows: Rows, ages: Float64Array, over: number, upTo: number): Rows {
  if (over === 0 && upTo === Number.POSITIVE_INFINITY) return rows;
  // Written out, as is the next: the two loops that run most, and a call per row would double the time.
  const kept = new Int32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const age = ages[rows[i]!]!;
    if (age > over && age <= upTo) kept[count++] = rows[i]!;
  }
  return kept.subarray(0, count);
}

/** Rows where the column is not missing; the rows themselves when none is. */
function presentRows(rows: Rows, column: EventColumn): Rows {
  let missing = 0;
  if (column instanceof Float64Array) {
    for (let i = 0; i < rows.length; i++) if (Number.isNaN(column[rows[i]!])) missing++;
    return missing === 0 ? rows : narrow(rows, (row) => !Number.isNaN(column[row]));
  }
  for (let i = 0; i < rows.length; i++) if (column[rows[i]!] === null) missing++;
  return missing === 0 ? rows : narrow(rows, (row) => column[row] !== null);
}

function filterRows(rows: Rows, conditions: readonly Condition[], events: EventColumns): Rows {
  let kept = rows;
  for (const condition of conditions) kept = narrow(kept, rowTest(condition, columnNamed(events, condition.column)));
  return kept;
}

/** A missing value satisfies no condition, as in SQL. */
function rowTest(condition: Condition, column: EventColumn): (row: number) => boolean {
  if (column instanceof Float64Array) return numberTest(condition, column);
  switch (condition.op) {
    case '=':
      return (row) => column[row] === condition.value;
    case '<>':
      return (row) => column[row] !== null && column[row] !== condition.value;
    case 'in':
      return (row) => column[row] !== null && condition.value.includes(column[row]!);
    case 'not in':
      return (row) => column[row] !== null && !condition.value.includes(column[row]!);
    default:
      throw new Error(`text cannot be ordered by ${condition.op}`);
  }
}

function numberTest(condition: Condition, column: Float64Array): (row: number) => boolean {
  if (condition.op === 'in') return (row) => condition.value.includes(column[row]!) && !Number.isNaN(column[row]);
  if (condition.op === 'not in') return (row) => !Number.isNaN(column[row]) && !condition.value.includes(column[row]!);
  const value = Number(condition.value);
  switch (condition.op) {
    case '=':
      return (row) => column[row] === value;
    case '<>':
      return (row) => !Number.isNaN(column[row]) && column[row] !== value;
    case '<':
      return (row) => column[row]! < value;
    case '<=':
      return (row) => column[row]! <= value;
    case '>':
      return (row) => column[row]! > value;
    case '>=':
      return (row) => column[row]! >= value;
  }
}

function aggregate(
  item: AggregateItem,
  rows: Rows,
  events: EventColumns,
  ages: Float64Array,
  order: readonly string[],
): FeatureValue {
  switch (item.aggregate.fn) {
    case 'count':
      return rows.length;
    case 'count_distinct_months':
      return distinctMonths(rows, numbers(events, order[0]!));
    case 'days_since_last':
      return rows.length === 0 ? null : wholeDays(leastOf(ages, rows));
    case 'days_since_first':
      return rows.length === 0 ? null : wholeDays(greatestOf(ages, rows));
    default:
      return columnAggregate(item, rows, events, ages, order);
  }
}

function columnAggregate(
  item: AggregateItem,
  rows: Rows,
  events: EventColumns,
  ages: Float64Array,
  order: readonly string[],
): FeatureValue {
  const column = columnNamed(events, item.column!.name);
  const present = presentRows(rows, column);
  const { fn } = item.aggregate;
  if (fn === 'first' || fn === 'last') return valueAt(fn, column, present, events, order);
  if (fn === 'count_distinct') return distinctValues(column, present);
  if (!(column instanceof Float64Array)) return mode(column, present);
  switch (fn) {
    case 'sum':
      return asDouble(exactSum(column, present));
    case 'sum_absolute':
      return asDouble(exactSum(column, present, true));
    case 'mean':
      return present.length === 0 ? null : asDouble(exactSum(column, present)) / present.length;
    case 'stddev':
      return present.length < 2 ? null : deviation(column, present);
    case 'slope_per_day':
      return slope(column, present, ages);
    case 'min':
      return present.length === 0 ? null : leastOf(column, present);
    case 'max':
      return present.length === 0 ? null : greatestOf(column, present);
    default:
      throw new Error(`${fn} of numbers has no evaluation`);
  }
}

const MAX_BIGINT = 2n ** 63n - 1n;

/** Nearest double. A total beyond 64 bits is refused here as the batch path refuses it. */
function asDouble(total: number | bigint): number {
  if (typeof total === 'bigint' && (total > MAX_BIGINT || total < -MAX_BIGINT)) {
    throw new AssayError('bad_input', {
      what: 'a sum is beyond 64 bits',
      given: String(total),
      allowed: 'below 2^63 minor units',
    });
  }
  return Number(total);
}

function deviation(values: Float64Array, rows: Rows): number {
  const sum = BigInt(exactSum(values, rows));
  const numerator = BigInt(rows.length) * exactDot(values, values, rows) - sum * sum;
  return Math.sqrt(Number(numerator)) / rows.length;
}

function slope(values: Float64Array, rows: Rows, ages: Float64Array): number | null {
  const days = new Float64Array(values.length);
  for (const row of rows) days[row] = wholeDays(ages[row]!);
  const n = BigInt(rows.length);
  const sumDays = BigInt(exactSum(days, rows));
  const spread = n * exactDot(days, days, rows) - sumDays * sumDays;
  if (spread === 0n) return null;
  const numerator = sumDays * BigInt(exactSum(values, rows)) - n * exactDot(days, values, rows);
  return Number(numerator) / Number(spread);
}

function leastOf(values: Float64Array, rows: Rows): number {
  let least = Number.POSITIVE_INFINITY;
  for (const row of rows) if (values[row]! < least) least = values[row]!;
  return least;
}

function greatestOf(values: Float64Array, rows: Rows): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (const row of rows) if (values[row]! > greatest) greatest = values[row]!;
  return greatest;
}

function distinctMonths(rows: Rows, happened: Float64Array): number {
  const months = new Set<number>();
  for (const row of rows) months.add(monthNumber(happened[row]!));
  return months.size;
}

function distinctValues(column: EventColumn, rows: Rows): number {
  const values = new Set<string | number | null>();
  for (const row of rows) values.add(column[row]!);
  return values.size;
}

/** Most frequent text; ties by smallest text. */
function mode(column: readonly (string | null)[], rows: Rows): string | null {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = column[row]!;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  let best: string | null = null;
  let most = 0;
  for (const [text, count] of counts) {
    if (count > most || (count === most && best !== null && compareText(text, best) < 0)) {
      best = text;
      most = count;
    }
  }
  return best;
}

function valueAt(
  which: 'first' | 'last',
  column: EventColumn,
  rows: Rows,
  events: EventColumns,
  order: readonly string[],
): FeatureValue {
  let chosen = -1;
  const keys = order.map((name) => columnNamed(events, name));
  const sign = which === 'last' ? 1 : -1;
  for (const row of rows) if (chosen < 0 || sign * compareRows(keys, row, chosen) > 0) chosen = row;
  return chosen < 0 ? null : column[chosen]!;
}

function compareRows(keys: readonly EventColumn[], a: number, b: number): number {
  for (const key of keys) {
    const difference = key instanceof Float64Array ? key[a]! - key[b]! : compareText(key[a] ?? '', key[b] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}
