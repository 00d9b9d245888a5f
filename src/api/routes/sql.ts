import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type SqlHandlers = Pick<Handlers, 'listSqlTables' | 'runSql'>;

export function sqlHandlers({ sql }: ApiDependencies): SqlHandlers {
  return {
    listSqlTables: async () => {
      const tables = await sql.tables();
      return {
        tables: tables.map(({ view: _, columns, hidden, ...table }) => ({
          ...table,
          columns: [...columns],
          hidden: [...hidden],
        })),
      };
    },
    runSql: async ({ body, user, hungUp }) => {
      const { columns, rows, ...answer } = await sql.run({ ...body, actor: user.username, signal: hungUp() });
      return { ...answer, columns: [...columns], rows: rows.map((row) => [...row]) };
    },
  };
}
