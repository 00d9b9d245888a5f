import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';
import { wholeNumber } from '../portfolio-options.ts';

export type SqlOptions = {
  readonly portfolio: string;
  readonly as?: string;
  readonly rows: number;
  readonly tables?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
};

const MAX_ROWS = 10_000;
const DEFAULT_ROWS = 1_000;

const NOTES = `
Read-only: one SELECT over the processed and modeled zones and the marts. Personal columns are left out and ids are pseudonyms
(ADR 65); what was asked is entered in the audit log.

Examples:
  assay sql --tables
  assay sql "SELECT grade, count(*) AS n, avg(pd) FROM scores GROUP BY grade ORDER BY grade"
  assay sql --csv "SELECT * FROM marts.months" > months.csv`;

/** `assay sql` */
export const registerSql: RegisterCommand = (program, context) => {
  program
    .command('sql [query]')
    .description('ask the lake of a lending book in SQL, as the console of the page Data and pipeline does')
    .option('--portfolio <name>', 'the lending book, a folder of portfolios/', DEFAULT_PORTFOLIO)
    .option('--as <user>', 'in whose name, with the rights of that role; without it the audit log says "cli"')
    .option('--tables', 'list the tables and their columns')
    .option('--rows <n>', 'at most so many rows', wholeNumber(MAX_ROWS), DEFAULT_ROWS)
    .option('--csv', 'print CSV, values as they are')
    .option('--json', 'print JSON')
    .addHelpText('after', NOTES)
    .action(async (query: string | undefined, options: SqlOptions) => {
      const { askSql, listSqlTables } = await import('../sql.ts');
      await (options.tables ? listSqlTables(context, options) : askSql(context, query ?? '', options));
    });
};
