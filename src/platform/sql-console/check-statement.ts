import { refusedAt } from './position.ts';

export type TableName = { readonly schema: string; readonly name: string };

/** Table functions that read nothing but their arguments. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest', 'repeat', 'json_each']);
/**
 * Functions that tell of the process, keep it waiting or leave something behind; and those that show how a view is made, or plan a
 * query that nobody checked: the text of a view has the secret of the pseudonyms in it, and the names of files.
 */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['getenv', 'getvariable', 'current_setting', 'current_query', 'current_schemas'],
  ...['nextval', 'currval', 'write_log', 'sleep_ms', 'pg_sleep', 'stats', 'json_execute_serialized_sql'],
  ...['json_serialize_plan', 'json_serialize_sql', 'json_deserialize_sql'],
  ...['pg_get_viewdef', 'pg_get_constraintdef', 'pg_get_expr'],
]);
/** References in FROM that are neither a table, a join, a subquery nor values. */
const REFUSED_REFERENCES: ReadonlySet<string> = new Set(['SHOW_REF', 'COLUMN_DATA', 'BOUND_TABLE_REF', 'DELIM_GET']);
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const FIX = 'the tables are listed beside the query';

type Node = Readonly<Record<string, unknown>>;
type Found = { readonly tables: Node[]; readonly withNames: Set<string> };

/**
 * Checks a statement as DuckDB's own parser reads it (`json_serialize_sql`) and says which tables it needs: one SELECT, over known
 * tables, its own WITH names and table functions that read nothing. No file, setting, catalog of the engine, or second statement.
 * A name in WITH must be plain and none of `reserved` (the engine's own views), so that the same name outside its reach finds nothing.
 * @param tree what json_serialize_sql gave for `sql`
 * @throws AssayError bad_input with the position of what is refused
 */
export function checkStatement(
  sql: string,
  tree: unknown,
  { known, reserved }: { known: readonly TableName[]; reserved: ReadonlySet<string> },
): TableName[] {
  const root = isNode(tree) ? tree : {};
  if (root['error'] !== false) throw notSelect(sql, root);
  const statements = Array.isArray(root['statements']) ? root['statements'] : [];
  if (statements.length !== 1) throw refusedAt(sql, undefined, `one SELECT at a time; these are ${statements.length}`);
  const found: Found = { tables: [], withNames: new Set() };
  visit(sql, statements[0], found);
  for (const name of found.withNames) {
    if (PLAIN_NAME.test(name) && !reserved.has(name)) continue;
    throw refusedAt(sql, undefined, `the name ${JSON.stringify(name)} cannot be used in WITH`);
  }
  return found.tables.flatMap((table) => tableOf(sql, table, found.withNames, known));
}

function notSelect(sql: string, root: Node): Error {
  const message = String(root['error_message'] ?? 'the statement cannot be read');
  const position = root['position'] === undefined ? undefined : Number(root['position']);
  if (root['error_type'] === 'parser') return refusedAt(sql, position, message);
  return refusedAt(sql, undefined, 'only a SELECT can be run here', 'the console reads; nothing is changed through it');
}

function visit(sql: string, value: unknown, found: Found): void {
  if (Array.isArray(value)) for (const item of value) visit(sql, item, found);
  if (!isNode(value)) return;
  checkNode(sql, value, found);
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'cte_map') rememberNames(inner, found);
    visit(sql, inner, found);
  }
}

function checkNode(sql: string, node: Node, { tables }: Found): void {
  const type = String(node['type'] ?? '');
  if (type === 'BASE_TABLE') tables.push(node);
  else if (type === 'TABLE_FUNCTION') checkTableFunction(sql, node);
  else if (REFUSED_REFERENCES.has(type)) {
    throw refusedAt(sql, locationOf(node), 'DESCRIBE, SUMMARIZE and SHOW are not run here', FIX);
  }
  const name = node['class'] === 'FUNCTION' ? nameOf(node['function_name']) : '';
  if (REFUSED_FUNCTIONS.has(name)) throw refusedAt(sql, locationOf(node), `the function ${name} is not run here`);
}

function checkTableFunction(sql: string, node: Node): void {
  const called = isNode(node['function']) ? nameOf(node['function']['function_name']) : '';
  if (TABLE_FUNCTIONS.has(called)) return;
  throw refusedAt(
    sql,
    locationOf(node),
    `the table function ${called} is not run here: it could read outside the lake`,
    FIX,
  );
}

function rememberNames(cteMap: unknown, { withNames }: Found): void {
  const entries = isNode(cteMap) && Array.isArray(cteMap['map']) ? cteMap['map'] : [];
  for (const entry of entries) if (isNode(entry)) withNames.add(nameOf(entry['key']));
}

function tableOf(sql: string, node: Node, withNames: ReadonlySet<string>, known: readonly TableName[]): TableName[] {
  const [catalog, schema, name] = ['catalog_name', 'schema_name', 'table_name'].map((key) => nameOf(node[key]));
  const table = known.find((one) => one.name === name && (schema === '' || one.schema === schema));
  if (table && catalog === '') return [table];
  if (schema === '' && catalog === '' && withNames.has(name ?? '')) return [];
  const written = [catalog, schema, name].filter((part) => part !== '').join('.');
  throw refusedAt(sql, locationOf(node), `there is no table ${written}`, FIX);
}

const locationOf = (node: Node): number | undefined =>
  node['query_location'] === undefined ? undefined : Number(node['query_location']);
/** Names of tables and functions are the same in either case. */
const nameOf = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
