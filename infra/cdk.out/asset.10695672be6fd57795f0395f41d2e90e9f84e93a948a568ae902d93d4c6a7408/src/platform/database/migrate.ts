import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Database } from '../contract.ts';

export type AppliedMigration = { readonly name: string; readonly checksum: string };

type Migration = AppliedMigration & { readonly sql: string };

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;
/** Any number that nobody else uses: "assay" as a phone writes it. */
const LOCK_KEY = 27729;

/**
 * Applies the plain `.sql` files of `directory` that the database has not seen, in order of their names, each in a transaction of
 * its own, under a lock: several processes may call it at once. Returns those applied now.
 * @throws AssayError conflict when an applied file was changed since, or the database has one this program does not know.
 */
export async function migrate(database: Database, directory: string): Promise<AppliedMigration[]> {
  const migrations = await readMigrations(directory);
  await database.transaction(createTable);
  const applied: AppliedMigration[] = [];
  for (const migration of migrations) {
    if (await database.transaction((transaction) => applyOnce(transaction, migration))) applied.push(migration);
  }
  await refuseUnknown(database, migrations);
  return applied.map(({ name, checksum }) => ({ name, checksum }));
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  for (const [index, name] of names.entries()) {
    if (!FILE_NAME.test(name)) throw badName(name, 'four digits, "_", words in lower case, ".sql"');
    if (names[index - 1]?.slice(0, 4) === name.slice(0, 4)) throw badName(name, 'a number of its own');
  }
  return Promise.all(names.map((name) => readMigration(directory, name)));
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const sql = await readFile(join(directory, name), 'utf8');
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

/** Creating a table "if not exists" twice at once fails in PostgreSQL, so this too is under the lock. */
async function createTable(transaction: Database): Promise<void> {
  await lock(transaction);
  await transaction.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
}

async function lock(transaction: Database): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock($1)', [LOCK_KEY]);
}

async function applyOnce(transaction: Database, migration: Migration): Promise<boolean> {
  await lock(transaction);
  const [seen] = await transaction.query<AppliedMigration>(
    'SELECT name, checksum FROM schema_migrations WHERE name = $1',
    [migration.name],
  );
  if (seen) {
    if (seen.checksum !== migration.checksum) throw changed(migration, seen);
    return false;
  }
  await transaction.query(migration.sql).catch((cause: unknown) => {
    throw failed(migration, cause);
  });
  await transaction.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [
    migration.name,
    migration.checksum,
  ]);
  return true;
}

async function refuseUnknown(database: Database, migrations: readonly Migration[]): Promise<void> {
  const known = new Set(migrations.map((migration) => migration.name));
  const applied = await database.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name');
  const unknown = applied.map((row) => row.name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new AssayError('conflict', {
    what: 'the database was upgraded by a newer version of Assay',
    given: unknown.join(', '),
    fix: 'run that version, or restore a backup from before the upgrade',
  });
}

function badName(name: string, allowed: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the name of a migration file',
    given: name,
    allowed,
    fix: 'rename the file',
  });
}

function changed(migration: Migration, seen: AppliedMigration): AssayError {
  return new AssayError('conflict', {
    what: `the migration ${migration.name} was changed after it had been applied`,
    given: `sha256 ${migration.checksum}`,
    allowed: `sha256 ${seen.checksum}`,
    fix: 'restore the file and put the change into a new migration',
  });
}

function failed(migration: Migration, cause: unknown): AssayError {
  const given = cause instanceof Error ? cause.message : String(cause);
  return new AssayError(
    'internal',
    { what: `the migration ${migration.name} failed and was rolled back`, given },
    { cause },
  );
}
