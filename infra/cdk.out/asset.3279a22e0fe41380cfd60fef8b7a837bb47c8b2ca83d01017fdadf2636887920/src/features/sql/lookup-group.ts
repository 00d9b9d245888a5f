import type { LookupStep } from '../../domain/index.ts';
import type { LookupGroup, LookupItem } from '../plan.ts';
import type { Tables } from '../references.ts';
import type { SqlExpressions } from './expressions.ts';
import { indent, knownBeforeAsOf, type SqlRelations, selectList, spineQuery } from './fragments.ts';

/** The query of one chain of joins: per loan application the latest row known before asOf at each step. */
export function lookupGroupSql(
  group: LookupGroup,
  tables: Tables,
  relations: SqlRelations,
  sql: SqlExpressions,
): string {
  const steps = group.path.map((step, i) => stepQuery(group, step, i, tables, relations, sql));
  const last = `step_${group.path.length}`;
  const first = sql.identifier(group.path[0]!.on);
  const outputs = group.items.map((item) => `${itemExpression(item, last, sql)} AS ${sql.identifier(item.name)}`);
  return `WITH spine AS (
${indent(spineQuery(relations, [`${first} AS next_key`]))}
),
${steps.join(',\n')}
SELECT
  spine.application_id,
${indent(selectList(outputs))}
FROM spine
LEFT JOIN ${last} ON ${last}.application_id = spine.application_id
`;
}

function stepQuery(
  group: LookupGroup,
  step: LookupStep,
  index: number,
  tables: Tables,
  relations: SqlRelations,
  sql: SqlExpressions,
): string {
  const table = tables.get(step.table)!;
  const previous = index === 0 ? 'spine' : `step_${index}`;
  const next = group.path[index + 1];
  const kept = next ? [`t.${sql.identifier(next.on)} AS next_key`] : valuesOf(group.items, sql);
  const order = [table.eventTime, table.knownTime, ...table.key]
    .filter((name) => name !== undefined)
    .map((name) => `t.${sql.identifier(name)} DESC NULLS LAST`);
  return `step_${index + 1} AS (
  SELECT *
  FROM (
    SELECT
      spine.application_id,
      spine.as_of,
${indent(selectList(kept), 6)},
      ROW_NUMBER() OVER (PARTITION BY spine.application_id ORDER BY ${order.join(', ')}) AS recency
    FROM ${previous} spine
    JOIN ${relations.table(step.table)} t ON t.${sql.identifier(step.on)} = spine.next_key
    WHERE ${knownBeforeAsOf(table, sql).join(' AND ')}
  ) known
  WHERE recency = 1
)`;
}

/** Prefixed, so that a looked-up column may be called like one of the spine's. */
function valuesOf(items: readonly LookupItem[], sql: SqlExpressions): string[] {
  const names = new Set(items.map((item) => item.column.name));
  return [...names].map((name) => `t.${sql.identifier(name)} AS ${sql.identifier(`value_${name}`)}`);
}

function itemExpression(item: LookupItem, relation: string, sql: SqlExpressions): string {
  const column = `${relation}.${sql.identifier(`value_${item.column.name}`)}`;
  return item.gives === 'value' ? sql.value(column, item.column) : daysBefore(column, 'spine.as_of', sql);
}

export function daysBefore(column: string, asOf: string, sql: SqlExpressions): string {
  const age = `${sql.dialect.microseconds(asOf)} - ${sql.dialect.microseconds(column)}`;
  return sql.asDouble(sql.wholeDays(age));
}
