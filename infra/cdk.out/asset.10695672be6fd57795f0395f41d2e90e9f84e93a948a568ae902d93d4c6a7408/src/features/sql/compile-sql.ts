import type { FeatureCatalog, TableSchema } from '../../domain/index.ts';
import { checkCatalog } from '../check-catalog.ts';
import { type CatalogPlan, planCatalog } from '../plan.ts';
import { aggregateGroupSql } from './aggregate-group.ts';
import { duckdbDialect, type SqlDialect, sparkDialect } from './dialect.ts';
import { arithmeticSql, type SqlExpressions, sqlExpressions } from './expressions.ts';
import { indent, type SqlRelations, selectList } from './fragments.ts';
import { daysBefore, lookupGroupSql } from './lookup-group.ts';

export type CompiledGroup = {
  readonly name: string;
  /** Relation the query's result must be stored under before the final join runs. */
  readonly relation: string;
  /** One SELECT, with a header comment. */
  readonly sql: string;
};

export type CompiledCatalog = {
  readonly dialect: SqlDialect['name'];
  /** Tables the queries read. */
  readonly tables: readonly string[];
  readonly groups: readonly CompiledGroup[];
  /** The SELECT that joins the groups and adds derived features: application_id, borrower_id, as_of, source_row, then the features. */
  readonly join: string;
};

export type CompileOptions = {
  readonly dialect?: SqlDialect;
  /** Turns a table's or group's name into what the SQL calls it. Default: the bare name. */
  readonly relation?: (name: string) => string;
};

/**
 * A catalog as SQL: a query per source and per chain of lookups, and a final join. Every cell equals, bit for bit, what
 * `evaluateOnline` gives for the same facts.
 * @throws AssayError as `checkCatalog` does.
 * @example for (const group of compileSql(catalog, tables).groups) await warehouse.run(`CREATE TABLE ${group.relation} AS ${group.sql}`);
 */
export function compileSql(
  catalog: FeatureCatalog,
  tables: readonly TableSchema[],
  options: CompileOptions = {},
): CompiledCatalog {
  const { dialect = duckdbDialect, relation = (name) => name } = options;
  const plan = planCatalog(checkCatalog(catalog, tables));
  const sql = sqlExpressions(dialect);
  const relations: SqlRelations = { table: relation, spineTime: sql.identifier(plan.catalog.spine.eventTime!) };
  const lookups = plan.lookups.map((group) => ({
    name: group.name,
    relation: relation(groupRelation(group.name)),
    sql:
      header(
        group.name,
        group.path.map((step) => step.table),
      ) + lookupGroupSql(group, plan.catalog.tables, relations, sql),
  }));
  const aggregates = plan.aggregates.map((group) => ({
    name: group.name,
    relation: relation(groupRelation(group.name)),
    sql: header(group.name, [group.table.name]) + aggregateGroupSql(group, relations, sql),
  }));
  return {
    dialect: dialect.name,
    tables: tablesRead(plan),
    groups: [...lookups, ...aggregates],
    join: joinSql(plan, relations, sql),
  };
}

export function compileDuckdb(
  catalog: FeatureCatalog,
  tables: readonly TableSchema[],
  options: Omit<CompileOptions, 'dialect'> = {},
): CompiledCatalog {
  return compileSql(catalog, tables, { ...options, dialect: duckdbDialect });
}

/** For Spark 3.4 or newer with `spark.sql.session.timeZone=UTC`. */
export function compileSpark(
  catalog: FeatureCatalog,
  tables: readonly TableSchema[],
  options: Omit<CompileOptions, 'dialect'> = {},
): CompiledCatalog {
  return compileSql(catalog, tables, { ...options, dialect: sparkDialect });
}

function groupRelation(name: string): string {
  return `feature_group_${name}`;
}

function header(group: string, sources: readonly string[]): string {
  return `-- Features from ${sources.join(' -> ')}, one row per loan application. Generated from the feature catalog: change that.
-- Group ${group}. Exact integers until the last expression, so that batch and online give the same bits.
`;
}

function tablesRead(plan: CatalogPlan): string[] {
  const names = new Set([plan.catalog.spine.name]);
  for (const group of plan.lookups) for (const step of group.path) names.add(step.table);
  for (const group of plan.aggregates) names.add(group.table.name);
  return [...names];
}

function joinSql(plan: CatalogPlan, relations: SqlRelations, sql: SqlExpressions): string {
  const levels = plan.derived.map((features, i) => {
    const outputs = features.map(({ name, definition }) => {
      if (definition.kind !== 'derived') throw new Error(`${name} is not derived`);
      return `${arithmeticSql(definition.expression, sql, plan.daysName)} AS ${sql.identifier(name)}`;
    });
    return `,
derived_${i + 1} AS (
  SELECT *,
${indent(selectList(outputs), 4)}
  FROM ${i === 0 ? 'joined' : `derived_${i}`}
)`;
  });
  const names = plan.catalog.features.map((feature) => sql.identifier(feature.definition.name));
  return `-- All features of a loan application side by side, then those derived from others. Generated from the feature catalog: change that.
WITH joined AS (
${indent(joinedQuery(plan, relations, sql))}
)${levels.join('')}
SELECT
${indent(selectList(['application_id', 'borrower_id', 'as_of', 'source_row', ...names]))}
FROM ${plan.derived.length === 0 ? 'joined' : `derived_${plan.derived.length}`}
`;
}

function joinedQuery(plan: CatalogPlan, relations: SqlRelations, sql: SqlExpressions): string {
  const groups = [...plan.lookups, ...plan.aggregates].map((group, i) => ({ group, alias: `g${i + 1}` }));
  const asOf = `CAST(a.${relations.spineTime} AS timestamp)`;
  const columns = [
    'a.application_id',
    'a.borrower_id',
    `${asOf} AS as_of`,
    'a.source_row',
    ...plan.attributes.map((item) => {
      const column = `a.${sql.identifier(item.column.name)}`;
      const value = item.gives === 'value' ? sql.value(column, item.column) : daysBefore(column, asOf, sql);
      return `${value} AS ${sql.identifier(item.name)}`;
    }),
    ...groups.flatMap(({ group, alias }) => group.items.map((item) => `${alias}.${sql.identifier(item.name)}`)),
  ];
  const joins = groups.map(
    ({ group, alias }) =>
      `LEFT JOIN ${relations.table(groupRelation(group.name))} ${alias} ON ${alias}.application_id = a.application_id`,
  );
  return [`SELECT\n${indent(selectList(columns))}`, `FROM ${relations.table('loan_applications')} a`, ...joins].join(
    '\n',
  );
}
