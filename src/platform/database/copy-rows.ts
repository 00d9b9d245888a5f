import { AssayError } from '../../domain/index.ts';
import type { Database } from '../contract.ts';

export type CopiedTable = {
  readonly table: string;
  readonly rows: number;
  /** The same on both sides: the sum of a 64-bit hash of every row. */
  readonly hash: string;
  /** It was there already, row for row. */
  readonly wasThere: boolean;
};

type Table = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly identities: readonly string[];
  /** Tables it refers to. */
  readonly needs: readonly string[];
};
type Content = { readonly rows: number; readonly hash: string };

/** Rows are fetched in pieces of about so many bytes. */
const PIECE_BYTES = 4 * 1024 ** 2;
const MAX_PIECE_ROWS = 1_000;

/**
 * Copies every row of a database, as of one moment, into another with the same migrations, in one transaction: killed, it leaves
 * nothing. A table of the target must be empty or hold the same rows; afterwards both are read and compared.
 * @throws AssayError conflict when the migrations differ or a table holds other rows, tampered when a copy is not the same, cancelled
 */
export async function copyRows(options: {
  readonly source: Database;
  readonly target: Database;
  readonly onTable?: ((copied: CopiedTable) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<CopiedTable[]> {
  const { source, target, onTable, signal } = options;
  return source.transaction(async (from) => {
    await from.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await showAlike(from);
    return target.transaction(async (to) => {
      await showAlike(to);
      await refuseOtherMigrations(from, to);
      const copied: CopiedTable[] = [];
      for (const table of inOrder(await tablesOf(from))) {
        if (signal?.aborted) throw new AssayError('cancelled', { what: 'copying the database was cancelled' });
        copied.push(await copyTable(from, to, table));
        onTable?.(copied.at(-1)!);
      }
      return copied;
    });
  });
}

/** What a row reads like as text must not hang on how a server is set up. */
async function showAlike(database: Database): Promise<void> {
  await database.query(`SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1`);
}

async function refuseOtherMigrations(from: Database, to: Database): Promise<void> {
  const of = async (database: Database): Promise<string> =>
    JSON.stringify(await database.query('SELECT name, checksum FROM schema_migrations ORDER BY name'));
  if ((await of(from)) === (await of(to))) return;
  throw new AssayError('conflict', {
    what: 'the two databases do not have the same migrations',
    fix: 'open both with this version of Assay first',
  });
}

/** Generated columns fill themselves. */
function tablesOf(database: Database): Promise<Table[]> {
  return database.query<Table>(
    `SELECT c.relname AS name,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> '') AS identities,
       ARRAY(SELECT DISTINCT f.confrelid::regclass::text FROM pg_constraint f
             WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS needs
     FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'schema_migrations'
     ORDER BY c.relname`,
  );
}

/** A table behind those it refers to. */
function inOrder(tables: readonly Table[]): Table[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const ordered = new Set<Table>();
  const place = (table: Table): void => {
    if (ordered.has(table)) return;
    for (const name of table.needs) place(byName.get(name)!);
    ordered.add(table);
  };
  for (const table of tables) place(table);
  return [...ordered];
}

async function copyTable(from: Database, to: Database, table: Table): Promise<CopiedTable> {
  const wanted = await contentOf(from, table);
  const there = await contentOf(to, table);
  if (isSame(wanted, there)) return { table: table.name, ...wanted, wasThere: true };
  if (there.rows > 0) {
    throw new AssayError('conflict', {
      what: 'a table of the target holds other rows already',
      given: `${table.name}: ${there.rows} rows`,
      allowed: 'an empty database, or one that this copy was made into before',
      fix: 'name another database',
    });
  }
  await moveRows(from, to, table);
  const copied = await contentOf(to, table);
  if (isSame(wanted, copied)) return { table: table.name, ...wanted, wasThere: false };
  throw new AssayError('tampered', {
    what: 'a table was not copied as it is',
    given: `${table.name}: ${copied.rows} rows, hash ${copied.hash}`,
    allowed: `${wanted.rows} rows, hash ${wanted.hash}`,
  });
}

const isSame = (a: Content, b: Content): boolean => a.rows === b.rows && a.hash === b.hash;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

async function contentOf(database: Database, { name }: Table): Promise<Content> {
  const [content] = await database.query<Content>(
    `SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS hash FROM ${quoted(name)} t`,
  );
  return content!;
}

/** As JSON that PostgreSQL writes and reads: no value passes through a number of JavaScript. */
async function moveRows(from: Database, to: Database, { name, columns, identities }: Table): Promise<void> {
  const table = quoted(name);
  const [largest] = await from.query<{ bytes: number | null }>(
    `SELECT max(pg_column_size(t.*)) AS bytes FROM ${table} t`,
  );
  const pieceRows = Math.min(MAX_PIECE_ROWS, Math.ceil(PIECE_BYTES / (largest?.bytes ?? PIECE_BYTES)));
  await from.query(`DECLARE moving NO SCROLL CURSOR FOR SELECT to_json(t)::text AS row FROM ${table} t`);
  const names = columns.map(quoted).join(', ');
  for (;;) {
    const rows = await from.query<{ row: string }>(`FETCH ${pieceRows} FROM moving`);
    if (rows.length === 0) break;
    await to.query(
      `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1::json)`,
      [`[${rows.map(({ row }) => row).join(',')}]`],
    );
  }
  await from.query('CLOSE moving');
  for (const identity of identities)
    await to.query(`SELECT setval(pg_get_serial_sequence($1, $2), max(${quoted(identity)})) FROM ${table}`, [
      table,
      identity,
    ]);
}
