import type {
  Aggregate,
  AggregateExpression,
  Arithmetic,
  ColumnSchema,
  ColumnType,
  Condition,
  FeatureDefinition,
  LookupStep,
} from '../domain/index.ts';
import { columnOf, type DateReference, datesIn, SPINE_TABLE, type Tables, visit } from './references.ts';

/** Tables no feature may read: they hold what is to be predicted. */
const LABEL_TABLES = new Set(['outcomes', 'simulation_truth']);

const WHOLE_NUMBERS: readonly ColumnType[] = ['integer', 'money'];
const NUMBERS: readonly ColumnType[] = ['integer', 'money', 'double'];
const COUNTABLE: readonly ColumnType[] = ['text', 'integer', 'money', 'date', 'timestamp', 'boolean'];
const DATES: readonly ColumnType[] = ['date', 'timestamp'];

/**
 * Which column types an aggregate takes. Sums refuse doubles: a float sum depends on the order of the rows, so batch and
 * online would differ in the last bits.
 */
const AGGREGATE_TYPES: Readonly<Record<Aggregate['fn'], readonly ColumnType[]>> = {
  count: [],
  count_distinct: COUNTABLE,
  count_distinct_months: [],
  sum: WHOLE_NUMBERS,
  sum_absolute: WHOLE_NUMBERS,
  mean: WHOLE_NUMBERS,
  stddev: WHOLE_NUMBERS,
  slope_per_day: WHOLE_NUMBERS,
  min: NUMBERS,
  max: NUMBERS,
  days_since_last: [],
  days_since_first: [],
  first: [...NUMBERS, 'text'],
  last: [...NUMBERS, 'text'],
  mode: ['text'],
};

/** What is wrong with one feature on its own, in words; empty when nothing is. */
export function expressionIssues(feature: FeatureDefinition, tables: Tables): string[] {
  const expression = feature.definition;
  switch (expression.kind) {
    case 'attribute':
    case 'lookup':
      return [...reachIssues(expression, tables), ...valueTypeIssues(feature, columnAt(expression, tables))];
    case 'aggregate':
      return [...aggregateIssues(expression, tables), ...aggregateValueIssues(feature, expression, tables)];
    case 'derived':
      return [
        ...(feature.type === 'categorical' ? ['a derived feature is numeric'] : []),
        ...numberIssues(expression.expression),
        ...datesIn(expression.expression).flatMap((date) => dateIssues(date, tables)),
      ];
  }
}

function columnAt(expression: DateReference, tables: Tables): ColumnSchema | undefined {
  const table = expression.kind === 'attribute' ? SPINE_TABLE : expression.path.at(-1)?.table;
  return table === undefined ? undefined : columnOf(tables, { table, column: expression.column });
}

function reachIssues(expression: DateReference, tables: Tables): string[] {
  if (expression.kind === 'attribute') return missingColumn(tables, SPINE_TABLE, expression.column);
  const target = expression.path.at(-1);
  if (!target) return ['a lookup needs at least one step'];
  return [...pathIssues(expression.path, tables), ...missingColumn(tables, target.table, expression.column)];
}

function pathIssues(path: readonly LookupStep[], tables: Tables): string[] {
  let from = SPINE_TABLE;
  return path.flatMap((step) => {
    const issues = [...missingColumn(tables, from, step.on), ...sourceIssues(step.table, tables)];
    if (issues.length === 0) issues.push(...joinIssues(from, step, tables));
    from = step.table;
    return issues;
  });
}

function joinIssues(from: string, step: LookupStep, tables: Tables): string[] {
  const missing = missingColumn(tables, step.table, step.on);
  if (missing.length > 0) return missing;
  const left = columnOf(tables, { table: from, column: step.on })?.type;
  const right = columnOf(tables, { table: step.table, column: step.on })?.type;
  return left === right ? [] : [`joins ${from}.${step.on} (${left}) to ${step.table}.${step.on} (${right})`];
}

/** A table may be read only when it says when its rows happened or were known, and does not hold the label. */
function sourceIssues(name: string, tables: Tables): string[] {
  if (LABEL_TABLES.has(name)) return [`reads "${name}", which holds what is to be predicted`];
  const table = tables.get(name);
  if (!table)
    return [`reads table "${name}", which this portfolio does not have (it has: ${[...tables.keys()].join(', ')})`];
  if (!table.eventTime && !table.knownTime) return [`reads "${name}", which does not say when its rows were known`];
  return [];
}

function missingColumn(tables: Tables, table: string, column: string): string[] {
  const schema = tables.get(table);
  if (!schema) return [`reads table "${table}", which this portfolio does not have`];
  if (schema.columns.some((candidate) => candidate.name === column)) return [];
  return [`reads ${table}.${column}, which does not exist (it has: ${schema.columns.map((c) => c.name).join(', ')})`];
}

function valueTypeIssues(feature: FeatureDefinition, column: ColumnSchema | undefined): string[] {
  if (!column) return [];
  const fits = feature.type === 'categorical' ? column.type === 'text' : [...NUMBERS, 'boolean'].includes(column.type);
  return fits ? [] : [`is ${feature.type} but "${column.name}" is ${column.type}${hintFor(column.type)}`];
}

function hintFor(type: ColumnType): string {
  if (DATES.includes(type)) return '; use days_before_as_of in a derived feature';
  return type === 'text' ? "; make it type: 'categorical'" : '';
}

function dateIssues(date: DateReference, tables: Tables): string[] {
  const column = columnAt(date, tables);
  const issues = reachIssues(date, tables);
  if (column && !DATES.includes(column.type))
    issues.push(`days_before_as_of needs a date; "${column.name}" is ${column.type}`);
  return issues;
}

function aggregateIssues(expression: AggregateExpression, tables: Tables): string[] {
  const issues = sourceIssues(expression.source, tables);
  const table = tables.get(expression.source);
  if (!table || issues.length > 0) return issues;
  if (!table.eventTime) issues.push(`aggregates "${table.name}", which has no event time`);
  issues.push(
    ...missingColumn(tables, table.name, 'borrower_id'),
    ...missingColumn(tables, SPINE_TABLE, 'borrower_id'),
  );
  issues.push(...wholeDayIssues('windowDays', expression.windowDays, 1));
  issues.push(...wholeDayIssues('offsetDays', expression.offsetDays, 0));
  for (const condition of expression.where ?? []) issues.push(...conditionIssues(condition, table.name, tables));
  return issues;
}

function numberIssues(arithmetic: Arithmetic): string[] {
  const issues: string[] = [];
  visit(arithmetic, (node) => {
    if (node.op === 'number' && !Number.isFinite(node.value)) issues.push(`uses the number ${node.value}`);
  });
  return issues;
}

const MAX_WINDOW_DAYS = 36_525;

function wholeDayIssues(name: string, value: number | undefined, least: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= MAX_WINDOW_DAYS)) return [];
  return [`${name} is ${value}; it must be a whole number from ${least} to ${MAX_WINDOW_DAYS}`];
}

function aggregateValueIssues(feature: FeatureDefinition, expression: AggregateExpression, tables: Tables): string[] {
  const { aggregate, source } = expression;
  if (!('column' in aggregate)) return feature.type === 'numeric' ? [] : [`${aggregate.fn} gives a number`];
  const column = columnOf(tables, { table: source, column: aggregate.column });
  if (!column) return tables.has(source) ? missingColumn(tables, source, aggregate.column) : [];
  if (!AGGREGATE_TYPES[aggregate.fn].includes(column.type)) {
    return [
      `${aggregate.fn} of "${column.name}" (${column.type}); it takes ${AGGREGATE_TYPES[aggregate.fn].join(', ')}`,
    ];
  }
  const givesText =
    aggregate.fn === 'mode' || ((aggregate.fn === 'first' || aggregate.fn === 'last') && column.type === 'text');
  return givesText === (feature.type === 'categorical')
    ? []
    : [`is ${feature.type} but ${aggregate.fn} gives a ${givesText ? 'text' : 'number'}`];
}

function conditionIssues(condition: Condition, table: string, tables: Tables): string[] {
  const column = columnOf(tables, { table, column: condition.column });
  if (!column) return missingColumn(tables, table, condition.column);
  const values = typeof condition.value === 'object' ? condition.value : [condition.value];
  if (values.length === 0) return [`${condition.column} ${condition.op} an empty list`];
  if (column.type === 'text') return textConditionIssues(condition, column, values);
  if (!NUMBERS.includes(column.type))
    return [`filters on "${column.name}" (${column.type}); only text and numbers can be`];
  const whole = column.type !== 'double';
  return values.every(
    (value) => typeof value === 'number' && (whole ? Number.isSafeInteger(value) : Number.isFinite(value)),
  )
    ? []
    : [`compares "${column.name}" (${column.type}) with ${JSON.stringify(condition.value)}`];
}

function textConditionIssues(
  condition: Condition,
  column: ColumnSchema,
  values: readonly (number | string)[],
): string[] {
  const issues: string[] = [];
  if (!['=', '<>', 'in', 'not in'].includes(condition.op))
    issues.push(`orders the text "${column.name}" by ${condition.op}`);
  if (!values.every((value) => typeof value === 'string')) {
    issues.push(`compares the text "${column.name}" with ${JSON.stringify(condition.value)}`);
  }
  const unknown = values.filter((value) => column.values && !column.values.includes(String(value)));
  if (unknown.length > 0)
    issues.push(`"${column.name}" never is ${unknown.join(', ')} (it is one of: ${column.values?.join(', ')})`);
  return issues;
}
