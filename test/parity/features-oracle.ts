import type { AggregateExpression, Condition, FeatureValue, TableSchema } from '../../src/domain/index.ts';
import type { OnlineRow } from '../../src/features/index.ts';

/**
 * The feature language read out literally, row by row with big integers and no sharing: slow, and written without any code
 * of the compilers, so that a fault they share is found too.
 */
export function aggregateByHand(
  expression: AggregateExpression,
  table: TableSchema,
  rows: readonly OnlineRow[],
  borrowerId: string,
  asOf: string,
): FeatureValue {
  const { aggregate, where = [], windowDays, offsetDays = 0 } = expression;
  const now = micros(asOf);
  const day = 86_400_000_000n;
  const at = (row: OnlineRow): bigint => micros(String(row[table.eventTime!]));
  const seen = rows
    .filter((row) => row['borrower_id'] === borrowerId)
    .filter((row) => at(row) < now && micros(String(row[table.knownTime!])) < now)
    .filter((row) => offsetDays === 0 || at(row) < now - BigInt(offsetDays) * day)
    .filter((row) => windowDays === undefined || at(row) >= now - BigInt(offsetDays + windowDays) * day)
    .filter((row) => where.every((condition) => holds(condition, row)))
    .sort((a, b) => Number(at(a) - at(b)) || compareBytes(String(a[table.key[0]!]), String(b[table.key[0]!])));
  const ages = seen.map((row) => Number((now - at(row)) / day));
  if (aggregate.fn === 'count') return seen.length;
  if (aggregate.fn === 'count_distinct_months')
    return new Set(seen.map((row) => String(row[table.eventTime!]).slice(0, 7))).size;
  if (aggregate.fn === 'days_since_last') return ages.at(-1) ?? null;
  if (aggregate.fn === 'days_since_first') return ages[0] ?? null;
  if (!('column' in aggregate)) throw new Error(`no hand rule for ${aggregate.fn}`);
  const { column } = aggregate;
  const present = seen.filter((row) => row[column] !== null);
  const texts = present.map((row) => row[column]!);
  if (aggregate.fn === 'count_distinct') return new Set(texts).size;
  if (aggregate.fn === 'first' || aggregate.fn === 'last')
    return cellOf(aggregate.fn === 'first' ? texts[0] : texts.at(-1));
  if (aggregate.fn === 'mode') return mostFrequent(texts.map(String));
  const days = present.map((row) => (now - at(row)) / day);
  return ofIntegers(
    aggregate.fn,
    texts.map((value) => BigInt(Number(value))),
    days,
  );
}

/**
 * Of rows with one key the one that counts: known first, then the smaller, column by column; what is not there comes last. Rows in any
 * order, as they were delivered, an empty text being none; read out of the words of ADR 26 and of nothing else.
 */
export function countedRows(table: TableSchema, rows: readonly OnlineRow[]): OnlineRow[] {
  const withoutEmpty = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === '' ? null : value])),
  );
  const byKey = Map.groupBy(withoutEmpty, (row) => JSON.stringify(table.key.map((name) => row[name])));
  const order = [...(table.knownTime === undefined ? [] : [table.knownTime]), ...table.columns.map(({ name }) => name)];
  return [...byKey.values()].map((versions) =>
    versions.reduce((best, row) => {
      const name = order.find((column) => (row[column] ?? null) !== (best[column] ?? null));
      return name !== undefined && isBefore(row[name] ?? null, best[name] ?? null) ? row : best;
    }),
  );
}

function isBefore(a: OnlineRow[string], b: OnlineRow[string]): boolean {
  if (a === null || b === null) return b === null && a !== null;
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b) < 0;
  return Number(a) < Number(b);
}

function cellOf(value: OnlineRow[string]): FeatureValue {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function ofIntegers(fn: string, x: readonly bigint[], days: readonly bigint[]): number | null {
  const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
  const n = BigInt(x.length);
  const ordered = [...x].sort((a, b) => (a < b ? -1 : 1));
  switch (fn) {
    case 'sum':
      return Number(sum(x));
    case 'sum_absolute':
      return Number(sum(x.map((value) => (value < 0n ? -value : value))));
    case 'mean':
      return n === 0n ? null : Number(sum(x)) / x.length;
    case 'stddev':
      return n < 2n ? null : Math.sqrt(Number(n * sum(x.map((value) => value * value)) - sum(x) ** 2n)) / x.length;
    case 'min':
      return n === 0n ? null : Number(ordered[0]);
    case 'max':
      return n === 0n ? null : Number(ordered.at(-1));
    case 'slope_per_day': {
      // Time runs against age: x = -days.
      const t = days.map((age) => -age);
      const spread = n * sum(t.map((value) => value * value)) - sum(t) ** 2n;
      if (spread === 0n) return null;
      return Number(n * sum(t.map((value, i) => value * x[i]!)) - sum(t) * sum(x)) / Number(spread);
    }
    default:
      throw new Error(`no hand rule for ${fn}`);
  }
}

function holds(condition: Condition, row: OnlineRow): boolean {
  const value = row[condition.column];
  if (value === null || value === undefined || typeof value === 'boolean') return false;
  switch (condition.op) {
    case 'in':
      return condition.value.includes(value);
    case 'not in':
      return !condition.value.includes(value);
    case '=':
      return value === condition.value;
    case '<>':
      return value !== condition.value;
    case '<':
      return value < condition.value;
    case '<=':
      return value <= condition.value;
    case '>':
      return value > condition.value;
    case '>=':
      return value >= condition.value;
  }
}

function mostFrequent(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || compareBytes(a[0], b[0]));
  return ranked[0]?.[0] ?? null;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function micros(text: string): bigint {
  const [whole, fraction = ''] = text.replace('Z', '').split('.');
  const time = whole!.includes('T') ? whole! : `${whole}T00:00:00`;
  return BigInt(Date.parse(`${time}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0') || '0');
}
