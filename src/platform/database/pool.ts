import type { Pool, PoolClient, PoolConfig, QueryConfig, QueryResult } from 'pg';
import { AssayError } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import type { Log } from '../log.ts';
import { type Listen, listenOver } from './listen.ts';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;

export type DatabaseConnection = Readonly<
  Pick<PoolConfig, 'connectionString' | 'host' | 'port' | 'user' | 'database'> & { password?: string }
>;
type Runner = { query(query: QueryConfig): Promise<QueryResult> };

export type OpenPool = { readonly database: Database; readonly version: string; readonly listen: Listen };

/** A `Database` over a pool of connections, checked by one query. */
export async function openPool(connection: DatabaseConnection, log: Log): Promise<OpenPool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    ...connection,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    application_name: 'assay',
    types: { getTypeParser: typeParser(pg.types) },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ error: error.message }, 'an idle database connection broke'));
  // One that breaks while it is lent tells its borrower by the query; that it also says so by itself must not end the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.warn({ error: error.message }, 'a database connection broke')),
  );
  const database = databaseOverPool(pool);
  try {
    const [row] = await database.query<{ version: string }>("SELECT current_setting('server_version') AS version");
    return { database, version: row?.version ?? 'unknown', listen: listenOver(pool, log) };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

type Types = typeof import('pg').types;
const [INT8, DATE, TIMESTAMP] = [20, 1082, 1114];

/** 64-bit integers as numbers where they are exact, dates as text (a Date would move them by the zone), instants in UTC. */
function typeParser(types: Types): Types['getTypeParser'] {
  const own = new Map<number, (text: string) => unknown>([
    [INT8, exactInteger],
    [DATE, (text) => text],
    [TIMESTAMP, (text) => new Date(`${text.replace(' ', 'T')}Z`)],
  ]);
  return ((id: number, format?: 'text') => own.get(id) ?? types.getTypeParser(id, format)) as Types['getTypeParser'];
}

function exactInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`the integer ${text} is too large for an exact number: select it as text`);
}

function databaseOverPool(pool: Pool): Database {
  return {
    ...queriesOver(pool),
    async transaction(work) {
      const client = await pool.connect().catch(rethrow);
      return inTransaction(client, work);
    },
    close: () => (pool.ended ? Promise.resolve() : pool.end()),
  };
}

function queriesOver(runner: Runner): Pick<Database, 'query' | 'prepared' | 'write'> {
  const run = async <Row>(query: QueryConfig): Promise<Row[]> => {
    const result = await runner.query(query).catch(rethrow);
    // Several statements in one text give several results: the last one counts.
    const last: QueryResult | undefined = Array.isArray(result) ? result.at(-1) : result;
    return last?.rows ?? [];
  };
  const prepared: Database['prepared'] = (name, text, values = []) => run({ name, text, values: [...values] });
  return {
    query: (text, values) => run(values === undefined ? { text } : { text, values: [...values] }),
    prepared,
    write: prepared,
  };
}

async function inTransaction<T>(client: PoolClient, work: (database: Database) => Promise<T>): Promise<T> {
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(databaseOverClient(client, 1));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    return rethrow(error);
  } finally {
    // A connection that cannot even roll back is thrown away.
    client.release(broken);
  }
}

/** Inside a transaction; a transaction in it is a savepoint. */
function databaseOverClient(client: PoolClient, depth: number): Database {
  const savepoint = `nested_${depth}`;
  return {
    ...queriesOver(client),
    async transaction(work) {
      await client.query(`SAVEPOINT ${savepoint}`);
      try {
        const result = await work(databaseOverClient(client, depth + 1));
        await client.query(`RELEASE SAVEPOINT ${savepoint}`);
        return result;
      } catch (error) {
        await client.query(`ROLLBACK TO SAVEPOINT ${savepoint}`);
        throw error;
      }
    },
    close: () => Promise.reject(new Error('a transaction cannot close the database')),
  };
}

/**
 * What a retry or another server could mend: connection lost or refused, too many clients, shutting down, no disk, no memory.
 * Classes of SQLSTATE: 08 connection, 53 resources, 57 operator, 28 credentials, 3D unknown database.
 */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P|28|3D)/;
const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

function rethrow(error: unknown): never {
  if (!(error instanceof Error) || error instanceof AssayError || !isOutage(error)) throw error;
  throw new AssayError(
    'unavailable',
    {
      what: 'the database cannot be used',
      given: error.message || ('code' in error ? String(error.code) : error.name),
      fix: 'check that the server of DATABASE_URL runs and lets this user in; unset DATABASE_URL for the embedded one; "assay doctor" shows more',
    },
    { cause: error },
  );
}

function isOutage(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  if (UNAVAILABLE_SYSTEM.has(code) || UNAVAILABLE_SQLSTATE.test(code)) return true;
  // pg has no code for these two.
  return /timeout exceeded when trying to connect|Connection terminated/i.test(error.message);
}
