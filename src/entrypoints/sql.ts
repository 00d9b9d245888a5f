import { parseWith, sqlQuerySchema, userWhoMay } from '../api/index.ts';
import { csvCell } from '../domain/index.ts';
import { loadConfig, openPersonVault } from '../platform/index.ts';
import { openSqlConsole, type SqlConsole, type SqlTable, sqlSaltOf } from '../portfolio/index.ts';
import type { SqlOptions } from './commands/sql.ts';
import { type CommandContext, UsageError } from './context.ts';
import { openSystem } from './system.ts';

type Result = Awaited<ReturnType<SqlConsole['run']>>;

/** `assay sql QUERY` */
export async function askSql(context: CommandContext, query: string, options: SqlOptions): Promise<void> {
  if (query.trim() === '') {
    throw new UsageError({ what: 'there is no query', fix: 'assay sql "SELECT …", or assay sql --tables' });
  }
  const { sql, maxRows } = parseWith(sqlQuerySchema, { sql: query, maxRows: options.rows }, 'query');
  await withConsole(context, options, async (console, actor) => {
    const result = await console.run({ sql, maxRows, actor, signal: context.signal });
    context.print(textOf(result, options));
    if (result.cut) context.printError(`assay: cut at ${result.rows.length} rows (limit of ${result.cut})`);
  });
}

/** `assay sql --tables` */
export function listSqlTables(context: CommandContext, options: SqlOptions): Promise<void> {
  return withConsole(context, options, async (console) => {
    const tables = await console.tables();
    const shown = tables.map(({ view: _, ...table }) => table);
    context.print(options.json ? JSON.stringify(shown, null, 2) : tables.map(tableText).join('\n'));
  });
}

async function withConsole(
  context: CommandContext,
  options: SqlOptions,
  work: (console: SqlConsole, actor: string) => Promise<void>,
): Promise<void> {
  const { clock } = context;
  const config = loadConfig(context.environment, context.workingDirectory);
  const { close, ...system } = await openSystem({ config, portfolio: options.portfolio, clock });
  try {
    const { portfolio, database, lake, warehouse } = system;
    const actor = options.as === undefined ? 'cli' : (await userWhoMay(database, options.as, 'runSql')).username;
    const vault = openPersonVault({ home: config.home, database, clock, portfolio: portfolio.name });
    const salt = sqlSaltOf(vault);
    await work(openSqlConsole({ portfolio, database, lake, warehouse, clock, salt }), actor);
  } finally {
    await close();
  }
}

function textOf(result: Result, { csv, json }: SqlOptions): string {
  if (json) return JSON.stringify(result, null, 2);
  const names = result.columns.map(({ name }) => name);
  if (csv) return [names, ...result.rows].map((line) => line.map(csvCell).join(',')).join('\r\n');
  const lines = [names, ...result.rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))))];
  const widths = names.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  const isNumber = names.map((_, index) => result.rows.every((row) => typeof row[index] !== 'string'));
  const pad = (text: string, index: number): string =>
    isNumber[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

function tableText({ schema, name, description, columns, hidden }: SqlTable): string {
  const left = hidden.length === 0 ? '' : `\n  left out: ${hidden.join(', ')}`;
  const listed = columns.map(({ name, type, pseudonym }) => `${name} ${type}${pseudonym ? ' (pseudonym)' : ''}`);
  return `${schema}.${name}  ${description}\n  ${listed.join(', ')}${left}`;
}
