import type { TableSchema } from '../../domain/index.ts';
import type { SqlExpressions } from './expressions.ts';

/** How tables are called in the SQL: bare names for views of a session, or qualified by a schema. */
export type SqlRelations = {
  readonly table: (name: string) => string;
  readonly spineTime: string;
};

export function spineQuery(relations: SqlRelations, columns: readonly string[] = ['borrower_id']): string {
  const list = ['application_id', ...columns, `CAST(${relations.spineTime} AS timestamp) AS as_of`];
  return `SELECT ${list.join(', ')} FROM ${relations.table('loan_applications')}`;
}

/** The conditions that keep facts from the future out: happened before asOf, and known before asOf. */
export function knownBeforeAsOf(table: TableSchema, sql: SqlExpressions): string[] {
  const times = [table.eventTime, table.knownTime].filter((name) => name !== undefined);
  return times.map((name) => `t.${sql.identifier(name)} < spine.as_of`);
}

export function selectList(items: readonly string[]): string {
  return items.join(',\n');
}

export function indent(text: string, by = 2): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : ' '.repeat(by) + line))
    .join('\n');
}
