import { createHash } from 'node:crypto';
import type { Database, Lake, Warehouse } from '../platform/index.ts';

/** What an installation holds for one portfolio, as hashes that do not depend on when or how often it was computed. */
export type StateHash = { readonly hash: string; readonly parts: Readonly<Record<string, string>> };

type StateSource = {
  readonly portfolio: string;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly database: Database;
};

/** Columns that say when something was computed, not what. */
const TIMES = new Set(['created_at', 'finished_at']);

/**
 * Hash of everything durable: every table of the lake by its rows (in any order), model versions and champion, decisions.
 * Equal data, code and seed give equal hashes on any machine; a lost or doubled row changes them.
 */
export async function stateHash(source: StateSource): Promise<StateHash> {
  const parts: Record<string, string> = {};
  for (const table of await lakeTables(source.lake)) parts[table.name] = await tableHash(source.warehouse, table.paths);
  Object.assign(parts, await databaseParts(source));
  const hash = createHash('sha256');
  for (const name of Object.keys(parts).sort()) hash.update(`${name}=${parts[name]}\n`);
  return { hash: hash.digest('hex'), parts };
}

/** Parquet files of one folder, partitions together, are one table; staging folders do not count. */
async function lakeTables(lake: Lake): Promise<{ name: string; paths: string[] }[]> {
  const keys = [...(await lake.list('processed')), ...(await lake.list('modeled'))];
  const tables = new Map<string, string[]>();
  for (const key of keys.filter((key) => key.endsWith('.parquet') && !/staging/.test(key))) {
    const name = key.replace(/\/dt=[^/]*\/[^/]*$/, '');
    tables.set(name, [...(tables.get(name) ?? []), lake.path(key)]);
  }
  return [...tables].map(([name, paths]) => ({ name, paths }));
}

async function tableHash(warehouse: Warehouse, paths: readonly string[]): Promise<string> {
  const files = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
  const scan = `read_parquet([${files}], hive_partitioning = false)`;
  const columns = await warehouse.rows<{ column_name: string }>(
    `SELECT column_name FROM (DESCRIBE SELECT * FROM ${scan})`,
  );
  const kept = columns.map((column) => column.column_name).filter((name) => !TIMES.has(name));
  const row = kept.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  const [result] = await warehouse.rows<{ rows: number; content: string }>(
    `SELECT COUNT(*) AS rows, CAST(SUM(CAST(hash(${row}) AS HUGEINT)) AS VARCHAR) AS content FROM ${scan}`,
  );
  return `${result!.rows}:${result!.content}`;
}

async function databaseParts({ database, portfolio }: StateSource): Promise<Record<string, string>> {
  const models = await database.query<{ line: string }>(
    `SELECT model_version || ' ' || status AS line FROM model_versions WHERE portfolio = $1 ORDER BY model_version`,
    [portfolio],
  );
  const decisions = await database.query<{ line: string }>(
    `SELECT COUNT(*)::text AS line FROM decisions WHERE portfolio = $1`,
    [portfolio],
  );
  return { models: models.map((row) => row.line).join(', '), decisions: decisions[0]!.line };
}
