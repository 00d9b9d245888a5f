import { type AggregateGroup, type AggregateItem, describeSlice, type Slice } from '../plan.ts';
import { MICROSECONDS_PER_DAY } from '../time.ts';
import type { SqlExpressions } from './expressions.ts';
import { indent, knownBeforeAsOf, type SqlRelations, selectList, spineQuery } from './fragments.ts';

/**
 * The query of one source: one row per loan application, one column per aggregate, the source scanned once.
 * events (only what was known) -> slices (flags) -> totals (exact integers) -> one last expression per feature.
 */
export function aggregateGroupSql(group: AggregateGroup, relations: SqlRelations, sql: SqlExpressions): string {
  const totals = new Totals(sql);
  const modes = new Modes(group, sql);
  const outputs = group.items.map((item) => {
    const expression = item.aggregate.fn === 'mode' ? modes.add(item) : finalExpression(item, totals, group, sql);
    return `${expression} AS ${sql.identifier(item.name)}`;
  });
  // A group of modes alone still needs one total to group by.
  if (totals.list.length === 0) totals.rows(0);
  return `WITH spine AS (
${indent(spineQuery(relations))}
),
events AS (
  -- Nothing from the future: only what had happened and was known before the application.
${indent(eventsQuery(group, relations, sql))}
),
slices AS (
  SELECT *,
${indent(selectList(group.slices.map((slice, i) => `${sliceFlag(slice, group, sql)} AS s${i} /* ${comment(slice)} */`)), 4)}
  FROM events
),
totals AS (
  SELECT
    subject,
${indent(selectList(totals.list), 4)}
  FROM slices
  GROUP BY subject
)${modes.queries()}
SELECT
  spine.application_id,
${indent(selectList(outputs))}
FROM spine
LEFT JOIN totals ON totals.subject = spine.application_id${modes.joins()}
`;
}

function comment(slice: Slice): string {
  return describeSlice(slice).replaceAll('*/', '* /');
}

function eventsQuery(group: AggregateGroup, relations: SqlRelations, sql: SqlExpressions): string {
  const { table } = group;
  const { dialect, identifier } = sql;
  const event = `t.${identifier(table.eventTime!)}`;
  const age = `${dialect.microseconds('spine.as_of')} - ${dialect.microseconds(event)}`;
  const uses = (...fns: string[]): boolean => group.items.some((item) => fns.includes(item.aggregate.fn));
  const columns = [
    // Not under its own name: the source may have a column of that name.
    'spine.application_id AS subject',
    `${age} AS age_us`,
    ...columnsUsed(group).map((name) => `t.${identifier(name)}`),
    ...(uses('slope_per_day') ? [`${dialect.quotient(age, String(MICROSECONDS_PER_DAY))} AS age_days`] : []),
    ...(uses('count_distinct_months')
      ? [`${sql.asBigint(`EXTRACT(YEAR FROM ${event}) * 12 + EXTRACT(MONTH FROM ${event})`)} AS event_month`]
      : []),
    ...(uses('first', 'last')
      ? [`${dialect.tuple([event, ...table.key.map((key) => `t.${identifier(key)}`)])} AS event_order`]
      : []),
  ];
  return `SELECT
${indent(selectList(columns))}
FROM spine
JOIN ${relations.table(table.name)} t ON t.borrower_id = spine.borrower_id
WHERE ${[...knownBeforeAsOf(table, sql), ...reach(group, age)].join('\n  AND ')}`;
}

/** When every slice has a window, rows older than the longest are not read further. */
function reach(group: AggregateGroup, age: string): string[] {
  const days = group.slices.map((slice) => (slice.windowDays === null ? null : slice.windowDays + slice.offsetDays));
  if (days.includes(null)) return [];
  return [`${age} <= ${Math.max(...days.map(Number))} * ${MICROSECONDS_PER_DAY}`];
}

function columnsUsed(group: AggregateGroup): string[] {
  const names = new Set<string>();
  for (const slice of group.slices) for (const condition of slice.where) names.add(condition.column);
  for (const item of group.items) if (item.column) names.add(item.column.name);
  return [...names];
}

function sliceFlag(slice: Slice, group: AggregateGroup, sql: SqlExpressions): string {
  const conditions = slice.where.map((condition) =>
    sql.condition(condition, group.table.columns.find((column) => column.name === condition.column)!),
  );
  if (slice.offsetDays > 0) conditions.push(`age_us > ${slice.offsetDays} * ${MICROSECONDS_PER_DAY}`);
  if (slice.windowDays !== null) {
    conditions.push(`age_us <= ${slice.windowDays + slice.offsetDays} * ${MICROSECONDS_PER_DAY}`);
  }
  return conditions.length === 0 ? '(1 = 1)' : `(${conditions.join(' AND ')})`;
}

/** Aggregates that features share, each computed once under a name that tells what it is. */
class Totals {
  readonly #sql: SqlExpressions;
  readonly #byName = new Map<string, string>();

  constructor(sql: SqlExpressions) {
    this.#sql = sql;
  }

  get list(): string[] {
    return [...this.#byName].map(([name, expression]) => `${expression} AS ${this.#sql.identifier(name)}`);
  }

  #add(name: string, expression: string): string {
    this.#byName.set(name, expression);
    return this.#sql.identifier(name);
  }

  rows(slice: number): string {
    return this.#add(`rows_s${slice}`, `COUNT(CASE WHEN s${slice} THEN 1 END)`);
  }

  over(fn: 'COUNT' | 'SUM' | 'MIN' | 'MAX', label: string, slice: number, value: string): string {
    return this.#add(`${label}_s${slice}`, `${fn}(CASE WHEN s${slice} THEN ${value} END)`);
  }

  distinct(label: string, slice: number, value: string): string {
    const values = `CASE WHEN s${slice} THEN ${value} END`;
    return this.#add(`distinct_${label}_s${slice}`, this.#sql.dialect.countDistinct(values));
  }

  valueAt(which: 'first' | 'last', label: string, slice: number, column: string): string {
    const order = `CASE WHEN s${slice} AND ${column} IS NOT NULL THEN event_order END`;
    return this.#add(`${which}_${label}_s${slice}`, this.#sql.dialect.valueAt(which, column, order));
  }
}

function finalExpression(item: AggregateItem, totals: Totals, group: AggregateGroup, sql: SqlExpressions): string {
  const { aggregate, slice } = item;
  const name = item.column?.name ?? '';
  const column = sql.identifier(name);
  switch (aggregate.fn) {
    case 'count':
      return sql.asDouble(`COALESCE(${totals.rows(slice)}, 0)`);
    case 'count_distinct':
      return sql.asDouble(`COALESCE(${totals.distinct(name, slice, column)}, 0)`);
    case 'count_distinct_months':
      return sql.asDouble(`COALESCE(${totals.distinct('event_month', slice, 'event_month')}, 0)`);
    case 'sum':
      return sql.asDouble(sql.asBigint(`COALESCE(${totals.over('SUM', `sum_${name}`, slice, column)}, 0)`));
    case 'sum_absolute':
      return sql.asDouble(
        sql.asBigint(`COALESCE(${totals.over('SUM', `sum_absolute_${name}`, slice, `ABS(${column})`)}, 0)`),
      );
    case 'mean':
      return meanExpression(name, slice, totals, sql);
    case 'stddev':
      return deviationExpression(name, slice, totals, sql);
    case 'slope_per_day':
      return slopeExpression(name, slice, totals, sql);
    case 'min':
    case 'max': {
      const fn = aggregate.fn === 'min' ? 'MIN' : 'MAX';
      return sql.asDouble(totals.over(fn, `${aggregate.fn}_${name}`, slice, column));
    }
    case 'days_since_last':
      return sql.asDouble(
        sql.dialect.quotient(totals.over('MIN', 'least_age', slice, 'age_us'), String(MICROSECONDS_PER_DAY)),
      );
    case 'days_since_first':
      return sql.asDouble(
        sql.dialect.quotient(totals.over('MAX', 'greatest_age', slice, 'age_us'), String(MICROSECONDS_PER_DAY)),
      );
    case 'first':
    case 'last':
      return sql.value(totals.valueAt(aggregate.fn, name, slice, column), item.column!);
    case 'mode':
      throw new Error(`mode of ${group.name} is not a total`);
  }
}

function meanExpression(name: string, slice: number, totals: Totals, sql: SqlExpressions): string {
  const column = sql.identifier(name);
  const known = totals.over('COUNT', `known_${name}`, slice, column);
  const sum = totals.over('SUM', `sum_${name}`, slice, column);
  return `CASE WHEN ${known} > 0 THEN ${sql.asDouble(sql.asBigint(sum))} / ${sql.asDouble(known)} END`;
}

/** sqrt(n * sum(x*x) - sum(x)^2) / n: the part under the root is an exact integer. */
function deviationExpression(name: string, slice: number, totals: Totals, sql: SqlExpressions): string {
  const column = sql.identifier(name);
  const known = totals.over('COUNT', `known_${name}`, slice, column);
  const sum = sql.asWide(totals.over('SUM', `sum_${name}`, slice, column));
  const squares = sql.asWide(
    totals.over('SUM', `sum_squares_${name}`, slice, `${sql.asWide(column)} * ${sql.asWide(column)}`),
  );
  const numerator = sql.exactDouble(`${sql.asWide(known)} * ${squares} - ${sum} * ${sum}`);
  return `CASE WHEN ${known} >= 2 THEN SQRT(${numerator}) / ${sql.asDouble(known)} END`;
}

/** Least squares of the column on -age_days; both determinants are exact integers. */
function slopeExpression(name: string, slice: number, totals: Totals, sql: SqlExpressions): string {
  const column = sql.identifier(name);
  const ages = `CASE WHEN ${column} IS NOT NULL THEN age_days END`;
  const wide = (label: string, value: string): string => sql.asWide(totals.over('SUM', label, slice, value));
  const n = sql.asWide(totals.over('COUNT', `known_${name}`, slice, column));
  const y = wide(`sum_${name}`, column);
  const d = wide(`sum_age_${name}`, ages);
  const dd = wide(`sum_age_squares_${name}`, `${ages} * age_days`);
  const dy = wide(`sum_age_${name}_product`, `${sql.asWide('age_days')} * ${sql.asWide(column)}`);
  const spread = `${n} * ${dd} - ${d} * ${d}`;
  return `CASE WHEN ${spread} > 0 THEN ${sql.exactDouble(`${d} * ${y} - ${n} * ${dy}`)} / ${sql.exactDouble(spread)} END`;
}

/** The most frequent text needs counts of its own per slice; ties go to the smallest text. */
class Modes {
  readonly #group: AggregateGroup;
  readonly #sql: SqlExpressions;
  readonly #names = new Map<string, AggregateItem>();

  constructor(group: AggregateGroup, sql: SqlExpressions) {
    this.#group = group;
    this.#sql = sql;
  }

  add(item: AggregateItem): string {
    const name = `mode_${item.column!.name}_s${item.slice}`;
    this.#names.set(name, item);
    return `${name}.value`;
  }

  queries(): string {
    return [...this.#names].map(([name, item]) => `,\n${this.#query(name, item)}`).join('');
  }

  #query(name: string, item: AggregateItem): string {
    const column = this.#sql.identifier(item.column!.name);
    return `${name} AS (
  -- ${describeSlice(this.#group.slices[item.slice]!).replaceAll('\n', ' ')}
  SELECT subject, value
  FROM (
    SELECT
      subject,
      value,
      ROW_NUMBER() OVER (PARTITION BY subject ORDER BY frequency DESC NULLS LAST, value ASC NULLS LAST) AS place
    FROM (
      SELECT subject, ${column} AS value, COUNT(*) AS frequency
      FROM slices
      WHERE s${item.slice} AND ${column} IS NOT NULL
      GROUP BY subject, ${column}
    ) counted
  ) ranked
  WHERE place = 1
)`;
  }

  joins(): string {
    return [...this.#names.keys()]
      .map((name) => `\nLEFT JOIN ${name} ON ${name}.subject = spine.application_id`)
      .join('');
  }
}
