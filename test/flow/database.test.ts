// Walks through the life of the embedded PostgreSQL of a data directory: created, shared by processes, left behind by a killed one,
// killed itself, found under a closed folder; then migrations and transactions on it. Real servers, real kills.
// It does not test what Assay stores in it, nor an external server.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AssayError, type AssayErrorCode } from '../../src/domain/index.ts';
import {
  createLog,
  embeddedDatabaseState,
  loadConfig,
  migrate,
  type OpenDatabase,
  openDatabase,
} from '../../src/platform/index.ts';

const log = createLog({ logLevel: 'silent' });
const open = (home: string): Promise<OpenDatabase> => openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log });

async function postmasterPid(home: string): Promise<number | undefined> {
  const state = await embeddedDatabaseState(home);
  const text = await readFile(join(state?.dataDirectory ?? '', 'postmaster.pid'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.split('\n')[0]);
}

async function startUser(home: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./support/use-database.ts', import.meta.url));
  const child = fork(program, { env: { ...process.env, ASSAY_HOME: home }, execArgv: [] });
  await once(child, 'message');
  return child;
}

async function killedHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const failsWith =
  (code: AssayErrorCode, text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof AssayError && error.code === code && text.test(error.message);

describe('embedded PostgreSQL', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-database-'));
  });
  after(async () => {
    await (await open(home)).close();
    await rm(home, { recursive: true, force: true });
  });

  test('is created on first use, stops with its last user, and keeps what it was told', async () => {
    const first = await open(home);
    assert.equal(first.kind, 'embedded');
    await first.database.query('CREATE TABLE kept (n bigint, d date, at timestamptz)');
    await first.database.query("INSERT INTO kept VALUES (7, '2020-02-29', '2020-01-01T00:00:00Z')");
    await first.close();
    await first.close();
    assert.equal(await postmasterPid(home), undefined);
    const second = await open(home);
    const [row] = await second.database.query('SELECT * FROM kept');
    assert.deepEqual(row, { n: 7, d: '2020-02-29', at: new Date('2020-01-01T00:00:00Z') });
    await second.close();
  });

  test('writes durably, checks its pages, and Assay is no superuser in it', async () => {
    const { database, close } = await open(home);
    const [row] =
      await database.query(`SELECT current_setting('fsync') AS fsync, current_setting('data_checksums') AS checksums,
      current_setting('listen_addresses') AS listens, current_setting('TimeZone') AS zone,
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`);
    assert.deepEqual(row, { fsync: 'on', checksums: 'on', listens: '127.0.0.1', zone: 'UTC', super: false });
    const secrets = await stat(join(home, 'keys', 'postgres.json'));
    assert.equal(secrets.mode & 0o077, 0);
    await close();
  });

  test('is shared: another process comes and goes, and takes nothing away', async () => {
    const own = await open(home);
    const pid = await postmasterPid(home);
    const other = await startUser(home);
    assert.equal(await postmasterPid(home), pid);
    other.send('close');
    await once(other, 'exit');
    assert.deepEqual(await own.database.query('SELECT 1 AS one'), [{ one: 1 }]);
    await own.close();
    assert.equal(await postmasterPid(home), undefined);
  });

  test('two processes that start at once use one server', async () => {
    const users = await Promise.all([startUser(home), startUser(home)]);
    const own = await open(home);
    for (const user of users) {
      user.send('close');
      await once(user, 'exit');
    }
    await own.close();
    assert.equal(await postmasterPid(home), undefined);
    assert.deepEqual(await readdir(join(home, 'postgres-users')), []);
  });

  test('left behind by a killed process, it is adopted and later stopped', async () => {
    await killedHard(await startUser(home));
    const pid = await postmasterPid(home);
    assert.ok(pid !== undefined);
    const own = await open(home);
    assert.equal(await postmasterPid(home), pid);
    await own.close();
    assert.equal(await postmasterPid(home), undefined);
  });

  test('killed itself, it recovers what was committed', async () => {
    const first = await open(home);
    await first.database.query('INSERT INTO kept (n) VALUES (8)');
    process.kill((await postmasterPid(home)) ?? 0, 'SIGKILL');
    const second = await open(home);
    assert.deepEqual(await second.database.query('SELECT count(*) AS rows FROM kept WHERE n = 8'), [{ rows: 1 }]);
    // The first connections broke with the old server: the pool makes new ones, at the latest after one outage.
    const healed = await first.database.query('SELECT 1 AS one').catch(() => first.database.query('SELECT 1 AS one'));
    assert.deepEqual(healed, [{ one: 1 }]);
    await second.close();
    await first.close();
  });

  test('a pid file whose number now belongs to another program is not believed', async () => {
    const state = await embeddedDatabaseState(home);
    await writeFile(join(state?.dataDirectory ?? '', 'postmaster.pid'), `${process.pid}\n\n\n5432\n\n\n\nready\n`);
    const own = await open(home);
    assert.notEqual(await postmasterPid(home), process.pid);
    await own.close();
  });

  test('moved as a whole, it works in its new place', async () => {
    const moved = `${home}-moved`;
    await rename(home, moved);
    const own = await open(moved);
    assert.deepEqual(await own.database.query('SELECT count(*) AS rows FROM kept WHERE n = 8'), [{ rows: 1 }]);
    assert.equal((await embeddedDatabaseState(moved))?.dataDirectory, join(moved, 'postgres'));
    await own.close();
    await rename(moved, home);
  });

  test('without its credentials it is refused, and no new ones are made', async () => {
    const path = join(home, 'keys', 'postgres.json');
    await rename(path, `${path}.aside`);
    await assert.rejects(open(home), failsWith('tampered', /keys\/postgres\.json/));
    await rename(`${path}.aside`, path);
  });

  test('damaged state is refused with its file', async () => {
    const path = join(home, 'postgres.json');
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, 20));
    await assert.rejects(open(home), failsWith('tampered', /postgres\.json/));
    await writeFile(path, whole);
  });
});

const notRoot = process.getuid?.() !== 0 && 'needs root';

test("under a folder that the server's user cannot enter, it lies elsewhere and works", { skip: notRoot }, async () => {
  const closed = await mkdtemp(join(tmpdir(), 'assay-closed-'));
  await chmod(closed, 0o700);
  const home = join(closed, 'home');
  const { database, close } = await open(home);
  assert.deepEqual(await database.query('SELECT 1 AS one'), [{ one: 1 }]);
  await close();
  const first = await embeddedDatabaseState(home);
  await (await open(home)).close();
  // Deleted and begun again, it does not meet what the deleted one left.
  await rm(home, { recursive: true });
  await (await open(home)).close();
  const second = await embeddedDatabaseState(home);
  assert.ok(first && second && !first.dataDirectory.startsWith(closed));
  assert.notEqual(first.dataDirectory, second.dataDirectory);
  const left = [first, second].map((state) => dirname(state.dataDirectory));
  for (const folder of [...left, closed]) await rm(folder, { recursive: true, force: true });
});

test('a server that is not there is an outage with a way out, without its password', async () => {
  const config = loadConfig({ DATABASE_URL: 'postgresql://u:very-secret@127.0.0.1:9/x' }, '/');
  await assert.rejects(openDatabase(config, { log }), (error) => {
    return failsWith('unavailable', /DATABASE_URL/)(error) && !/very-secret/.test(String(error));
  });
});

describe('migrations and transactions', () => {
  let home: string;
  let opened: OpenDatabase;
  let folder: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-migrations-'));
    folder = join(home, 'sql');
    await mkdir(folder);
    opened = await open(home);
  });
  after(async () => {
    await opened.close();
    await rm(home, { recursive: true, force: true });
  });
  const migrateNow = async (): Promise<string[]> =>
    (await migrate(opened.database, folder)).map((migration) => migration.name);

  test('each file is applied once, also by many at once', async () => {
    await writeFile(join(folder, '0001_a.sql'), 'CREATE TABLE a (n int); INSERT INTO a VALUES (1);');
    await writeFile(join(folder, '0030_c.sql'), 'INSERT INTO a VALUES (3);');
    const applied = await Promise.all([migrateNow(), migrateNow(), migrateNow()]);
    assert.deepEqual(applied.flat().sort(), ['0001_a.sql', '0030_c.sql']);
    await writeFile(join(folder, '0010_b.sql'), 'INSERT INTO a VALUES (2);');
    assert.deepEqual(await migrateNow(), ['0010_b.sql']);
    assert.deepEqual(await opened.database.query('SELECT n FROM a ORDER BY n'), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test('a file that fails leaves nothing of itself', async () => {
    const path = join(folder, '0040_d.sql');
    await writeFile(path, 'INSERT INTO a VALUES (4); SELECT no_such_column FROM a;');
    await assert.rejects(migrateNow(), failsWith('internal', /0040_d\.sql failed.*no_such_column/));
    assert.deepEqual(await opened.database.query('SELECT n FROM a WHERE n = 4'), []);
    await rm(path);
  });

  test('a file changed after it was applied, one unknown and one misnamed are refused', async () => {
    const path = join(folder, '0010_b.sql');
    const text = await readFile(path, 'utf8');
    await writeFile(path, `${text} -- changed`);
    await assert.rejects(migrateNow(), failsWith('conflict', /0010_b\.sql was changed/));
    await rm(path);
    await assert.rejects(migrateNow(), failsWith('conflict', /newer version.*0010_b\.sql/));
    await writeFile(path, text);
    await writeFile(join(folder, '0010_twice.sql'), '');
    await assert.rejects(migrateNow(), failsWith('bad_input', /number of its own/));
    await rm(join(folder, '0010_twice.sql'));
    assert.deepEqual(await migrateNow(), []);
  });

  test('a transaction is all or nothing, and one inside it is a part that may fail alone', async () => {
    const { database } = opened;
    await database.query('CREATE TABLE t (n int PRIMARY KEY)');
    await assert.rejects(
      database.transaction(async (transaction) => {
        await transaction.query('INSERT INTO t VALUES (1)');
        throw new Error('no');
      }),
      /no/,
    );
    await database.transaction(async (transaction) => {
      await transaction.query('INSERT INTO t VALUES (2)');
      const inner = transaction.transaction((nested) => nested.query('INSERT INTO t VALUES (2)'));
      await assert.rejects(inner, (error) => error instanceof Error && 'code' in error && error.code === '23505');
      await transaction.prepared('insert-t', 'INSERT INTO t VALUES ($1)', [3]);
    });
    assert.deepEqual(await database.query('SELECT n FROM t ORDER BY n'), [{ n: 2 }, { n: 3 }]);
  });

  test('an integer that a number cannot hold is refused, not rounded', async () => {
    await assert.rejects(
      opened.database.query('SELECT 9007199254740993::bigint AS n'),
      /too large for an exact number/,
    );
    assert.deepEqual(await opened.database.query('SELECT 9007199254740991::bigint AS n'), [{ n: 2 ** 53 - 1 }]);
  });
});
