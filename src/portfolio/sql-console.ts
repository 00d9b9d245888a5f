import { createHash } from 'node:crypto';
import { AssayError } from '../domain/index.ts';
import { type Clock, type ConsoleResult, type Database, enterAudit, runConsoleQuery } from '../platform/index.ts';
import type { BookContext } from './book-views.ts';
import { type SqlTable, sqlTables } from './sql-tables.ts';

/** Processes of queries at once; each may take as much memory as `runConsoleQuery` allows. */
const MAX_AT_ONCE = 2;

export type SqlConsoleOptions = BookContext & {
  readonly database: Database;
  readonly clock: Clock;
  /** A secret of the installation: pseudonyms of ids are made under it. */
  readonly salt: string;
};

export type SqlQuestion = {
  readonly sql: string;
  readonly maxRows: number;
  readonly actor: string;
  readonly signal?: AbortSignal | undefined;
};

/** Read-only SQL over a book's lake, each question in the audit log. */
export type SqlConsole = {
  /** What may be asked of what. */
  tables(): Promise<readonly SqlTable[]>;
  /** @throws AssayError bad_input with the position (`issues`), overloaded, cancelled, unavailable */
  run(question: SqlQuestion): Promise<ConsoleResult & { readonly elapsedMs: number }>;
};

export function openSqlConsole(options: SqlConsoleOptions): SqlConsole {
  const { clock, salt } = options;
  let running = 0;
  const answer = async ({ sql, maxRows, signal }: SqlQuestion): Promise<ConsoleResult> => {
    const views = (await sqlTables(options, salt)).map(({ view }) => view);
    return runConsoleQuery({ sql, views, maxRows, signal });
  };
  return {
    tables: () => sqlTables(options, salt),
    run: async (question) => {
      if (running >= MAX_AT_ONCE) throw tooMany();
      running++;
      try {
        await enter(options, question);
        const startedMs = clock.now().getTime();
        const result = await answer(question);
        return { ...result, elapsedMs: clock.now().getTime() - startedMs };
      } finally {
        running--;
      }
    },
  };
}

/** The secret under which the console's pseudonyms are made; they are the same wherever the installation asks. */
export const sqlSaltOf = (vault: { keyedHash(purpose: string, value: string): string }): string =>
  vault.keyedHash('sql-console', 'salt');

/** Before it runs: what was asked is known also when no answer came. Equal texts have one subject. */
async function enter({ database, portfolio, clock }: SqlConsoleOptions, { sql, actor }: SqlQuestion): Promise<void> {
  const subject = createHash('sha256').update(sql).digest('hex').slice(0, 16);
  const entry = { portfolio: portfolio.name, kind: 'sql_asked' as const, subject, actor, at: clock.now() };
  await database.transaction((inside) => enterAudit(inside, { ...entry, data: { sql: auditedSql(sql) } }));
}

function tooMany(): AssayError {
  return new AssayError('overloaded', {
    what: `${MAX_AT_ONCE} queries are running already`,
    fix: 'wait for one to end, or cancel it',
  });
}

/** Texts (`E'…'` with its backslashes, dollar quotes), quoted names and comments as DuckDB reads them; one that does not end goes to the end. */
const HIDDEN =
  /\be'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)|'(?:[^']|'')*(?:'|$)|(?<![\w$])\$([a-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|"(?:[^"]|"")*(?:"|$)|--[^\n\r]*|\/\*/gi;
const PLAIN_NAME = /^"[a-z_][a-z0-9_]*"$/;

/**
 * A query as the audit log keeps it, which nothing can be taken out of again: without comments and texts, since those may name a person.
 * All that runs is in it.
 * @example auditedSql("SELECT 1 -- Ann\nWHERE x = 'Ann'") // "SELECT 1 WHERE x = '?'"
 */
export function auditedSql(sql: string): string {
  let kept = '';
  let at = 0;
  HIDDEN.lastIndex = 0;
  for (let found = HIDDEN.exec(sql); found; found = HIDDEN.exec(sql)) {
    kept += sql.slice(at, found.index) + shownFor(found[0]);
    at = found[0] === '/*' ? endOfComment(sql, found.index) : HIDDEN.lastIndex;
    HIDDEN.lastIndex = at;
  }
  return (kept + sql.slice(at)).replace(/\s+/g, ' ').trim();
}

function shownFor(part: string): string {
  if (part.startsWith('--') || part === '/*') return ' ';
  if (!part.startsWith('"')) return "'?'";
  return PLAIN_NAME.test(part) ? part : '"?"';
}

/** Comments may hold comments. */
function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let depth = 0, found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}
