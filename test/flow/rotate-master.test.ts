// Replaces the master key of an installation while persons are sealed and read, and kills it on the way: whatever instant it dies at,
// everything stays readable, the same command goes on where it stood, and at the end the old key opens nothing of the database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { seedUsers } from '../../src/api/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import {
  systemClock as clock,
  createLog,
  type Database,
  loadConfig,
  migrate,
  openDatabase,
  openPersonVault,
  type PersonVault,
  REPOSITORY_ROOT,
  rotateMaster,
} from '../../src/platform/index.ts';

const PERSONS = 3_000;
let home: string;
let database: Database;
let close: () => Promise<void>;
const sealed = new Map<string, string>();
const vault = () => openPersonVault({ home, database, clock, portfolio: 'book' });
const keyFile = () => readFile(join(home, 'keys', 'master.key'), 'utf8');

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-rotate-'));
  const environment = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' };
  const config = loadConfig(environment, process.cwd());
  const opened = await openDatabase(config, { log: createLog(config) });
  database = opened.database;
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  close = opened.close;
  await seedUsers({ database, clock, password: 'correct horse battery staple' });
  const first = vault();
  for (let i = 0; i < PERSONS; i++) await sealOne(first, `P${i}`);
});
after(async () => {
  await close?.();
  await rm(home, { recursive: true, force: true });
});

async function sealOne(by: PersonVault, id: string): Promise<void> {
  sealed.set(id, (await by.sealOf(id)).seal(`secret of ${id}`, 'here'));
}

/** Everybody, through a vault that remembers nothing. */
async function assertReadable(): Promise<void> {
  const fresh = vault();
  for (const [id, text] of sealed) assert.equal(await fresh.open(fresh.pseudonym(id), text, 'here'), `secret of ${id}`);
}

/** The command, killed after so many milliseconds unless it ends before. Gives its exit code; null: killed. */
async function rotate(killAfterMs?: number): Promise<number | null> {
  const door = join(REPOSITORY_ROOT, 'bin', 'assay.js');
  const env = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' };
  const args = [door, 'persons', 'rotate-master', '--as', 'admin', '--grace', '0'];
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return ended;
}

const wrappedBy = async (): Promise<number> =>
  (
    await database.query(
      "SELECT DISTINCT split_part(wrapped_key, '.', 1) FROM person_keys WHERE wrapped_key IS NOT NULL",
    )
  ).length;

test('killed in the middle, nothing is lost, and it goes on where it stood', async () => {
  const old = await keyFile();
  await mkdir(join(home, 'kept'));
  await copyFile(join(home, 'keys', 'master.key'), join(home, 'kept', 'master.key'));
  // a process that was there before, and stays
  const long = vault();
  let wasBetween = false;
  for (let kill = 0; kill < 40 && !wasBetween; kill++) {
    await rotate(600 + kill * 60);
    wasBetween = (await wrappedBy()) === 2;
    if ((await keyFile()) !== old) break;
  }
  assert.ok(wasBetween, 'no kill fell between the first key and the last');
  await assertReadable();
  assert.equal(await keyFile(), old, 'the old key is kept until it is done');
  await sealOne(long, 'while under way');
  assert.equal(await rotate(), 0);
  assert.notEqual(await keyFile(), old);
  assert.equal(await wrappedBy(), 1);
  await sealOne(long, 'by a process from before');
  await assertReadable();
});

test('the old key opens nothing of the database any more', async () => {
  const other = await mkdtemp(join(tmpdir(), 'assay-old-key-'));
  await mkdir(join(other, 'keys'), { mode: 0o700 });
  await copyFile(join(home, 'kept', 'master.key'), join(other, 'keys', 'master.key'));
  const thief = openPersonVault({ home: other, database, clock, portfolio: 'book' });
  const [id, text] = [...sealed][0]!;
  assert.equal(thief.pseudonym(id), vault().pseudonym(id), 'pseudonyms stay');
  const isTampered = (error: unknown) => error instanceof AssayError && error.code === 'tampered';
  await assert.rejects(thief.open(thief.pseudonym(id), text, 'here'), isTampered);
  await rm(other, { recursive: true, force: true });
});

test('a destroyed key stays destroyed, and a key in use is not replaced by anything', async () => {
  const one = vault();
  await database.transaction(async (inside) => void (await one.destroy(inside, one.pseudonym('P7'))));
  await rotateMaster({ home, database, sleep: async () => {} });
  assert.equal(await vault().open(one.pseudonym('P7'), sealed.get('P7')!, 'here'), undefined);
  sealed.delete('P7');
  await assertReadable();
  for (const change of ["wrapped_key = 'x'", 'generation = generation + 1', 'wrapped_key = wrapped_key']) {
    await assert.rejects(
      database.query(`UPDATE person_keys SET ${change} WHERE destroyed_at IS NULL`),
      /only ever destroyed/,
      change,
    );
  }
  await assert.rejects(
    database.query("UPDATE person_keys SET wrapped_key = 'a.b', destroyed_at = NULL WHERE destroyed_at IS NOT NULL"),
  );
  const [entry] = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM audit_log WHERE kind = 'master_rotated'",
  );
  assert.ok(entry!.n >= 1);
});
