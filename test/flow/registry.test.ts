// Walks model versions through their life on a real PostgreSQL: registered, approved by another than the maker, promoted, retired,
// brought back; files lost, changed and written anew; two promotions at once. It does not test what the files mean: see
// src/estimators/artifact.test.ts.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AssayError, type AssayErrorCode } from '../../src/domain/index.ts';
import {
  createLog,
  loadConfig,
  ModelRegistry,
  migrate,
  type OpenDatabase,
  openDatabase,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { manifestOf } from './support/bare-manifest.ts';

let home: string;
let opened: OpenDatabase;
let registry: ModelRegistry;
let minute = 0;
const clock = { now: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)) };

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-registry-'));
  opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  registry = new ModelRegistry({ database: opened.database, directory: join(home, 'models'), clock });
});
after(async () => {
  await opened.close();
  await rm(home, { recursive: true, force: true });
});

const bytes = (text: string) => Buffer.from(text);
const filesOf = (modelVersion: string) => ({
  'manifest.json': bytes(modelVersion),
  'model.json': bytes('{}'),
  'document.html': bytes('<p>'),
});

async function register(portfolio: string, ...names: string[]): Promise<string[]> {
  for (const name of names) await registry.register(manifestOf(name, portfolio, clock.now()), filesOf(name), 'mara');
  return names;
}

const refused = (code: AssayErrorCode) => (error: unknown) => error instanceof AssayError && error.code === code;
const statusOf = async (name: string) => (await registry.get(name)).status;
const eventsOf = async (name: string) => (await registry.history(name)).map(({ event, actor }) => `${event} ${actor}`);

test('a version is registered, approved by another, promoted, replaced and brought back, and its history says so', async () => {
  const [one, two] = await register('life', 'life-one', 'life-two');
  assert.equal(await registry.champion('life'), undefined);
  await assert.rejects(registry.promote(one!, 'vera', ''), refused('conflict'));
  await assert.rejects(registry.approve(one!, 'mara', 'my own'), refused('forbidden'));
  await registry.approve(one!, 'vera', 'sound');
  await assert.rejects(registry.approve(one!, 'vera', 'again'), refused('conflict'));
  await registry.promote(one!, 'vera', 'first');
  await registry.promote(one!, 'vera', 'again: changes nothing');
  await registry.approve(two!, 'vera', 'better');
  await registry.promote(two!, 'vera', 'better');
  assert.equal((await registry.champion('life'))?.modelVersion, two);
  assert.equal(await statusOf(one!), 'retired');
  await registry.promote(one!, 'vera', 'rolled back');
  assert.equal((await registry.champion('life'))?.modelVersion, one);
  assert.deepEqual(await eventsOf(one!), [
    'registered mara',
    'approved vera',
    'promoted vera',
    'retired vera',
    'promoted vera',
  ]);
  assert.deepEqual(
    (await registry.list('life')).map((version) => version.modelVersion),
    [two, one],
  );
  assert.deepEqual(await registry.list('no such book'), []);
});

test('registering again changes nothing; lost or changed files are refused, and written anew without touching the status', async () => {
  const [name] = await register('files', 'files-one');
  await registry.approve(name!, 'vera', '');
  const first = await registry.get(name!);
  await register('files', name!);
  assert.deepEqual(await registry.get(name!), first);
  assert.deepEqual(await registry.files(name!), filesOf(name!));
  const document = join(home, 'models', name!, 'document.html');
  await writeFile(document, '<p>!');
  await assert.rejects(registry.files(name!), refused('tampered'));
  await register('files', name!);
  assert.equal(await readFile(document, 'utf8'), '<p>');
  await rm(join(home, 'models', name!), { recursive: true });
  await assert.rejects(registry.files(name!), refused('not_found'));
  await register('files', name!);
  assert.deepEqual(Object.keys(await registry.files(name!)).sort(), Object.keys(filesOf(name!)).sort());
  assert.equal(await statusOf(name!), 'approved');
  assert.deepEqual(await eventsOf(name!), ['registered mara', 'approved vera']);
  assert.deepEqual(
    (await readdir(join(home, 'models'))).filter((folder) => folder.includes('staging')),
    [],
  );
});

test('the pipeline chooses as long as no person has', async () => {
  const [one, two, three] = await register('free', 'free-one', 'free-two', 'free-three');
  await registry.promoteByPipeline(one!, 'best');
  await registry.promoteByPipeline(two!, 'better');
  assert.equal((await registry.champion('free'))?.modelVersion, two);
  assert.deepEqual(await eventsOf(two!), ['registered mara', 'approved pipeline', 'promoted pipeline']);
  await registry.promote(one!, 'vera', 'I prefer it');
  await registry.promoteByPipeline(three!, 'best of all');
  assert.equal((await registry.champion('free'))?.modelVersion, one);
  assert.equal(await statusOf(three!), 'candidate');
});

test('a status written into the table makes no champion: the audit log must say so too', async () => {
  const [one, two, three, four] = await register('past', 'past-one', 'past-two', 'past-three', 'past-four');
  const write = (name: string, status: string) =>
    opened.database.query('UPDATE model_versions SET status = $2 WHERE model_version = $1', [name, status]);
  await registry.approve(one!, 'vera', '');
  await registry.promote(one!, 'vera', 'checked');
  await registry.approve(three!, 'vera', '');
  for (const unlawful of [two!, three!]) {
    await write(one!, 'retired');
    await write(unlawful, 'champion');
    await assert.rejects(registry.champion('past'), refused('tampered'));
    await assert.rejects(registry.championName('past'), refused('tampered'));
    await registry.promote(one!, 'vera', 'restored');
    assert.equal(await registry.championName('past'), one);
  }
  await registry.approve(four!, 'vera', '');
  await registry.reject(four!, 'vera', 'after all');
  for (const unlawful of [two!, four!]) {
    await write(unlawful, 'approved');
    await assert.rejects(registry.promote(unlawful, 'vera', ''), refused('tampered'));
  }
  assert.equal(await registry.championName('past'), one);
});

test('two promotions at once leave one champion', async () => {
  const names = await register('race', 'race-one', 'race-two', 'race-three', 'race-four');
  for (const name of names) await registry.approve(name, 'vera', '');
  await Promise.all(names.map((name) => registry.promote(name, 'vera', 'now')));
  const statuses = await Promise.all(names.map(statusOf));
  assert.equal(statuses.filter((status) => status === 'champion').length, 1);
  assert.equal(statuses.filter((status) => status === 'retired').length, 3);
});

test('what is not there is not found, and no name reaches outside the folder', async () => {
  for (const name of ['none', '../secret', 'a/b', 'A', '']) {
    await assert.rejects(registry.get(name), refused('not_found'));
    await assert.rejects(registry.files(name), refused('not_found'));
  }
  const manifest = manifestOf('../escape', 'life', clock.now());
  await assert.rejects(registry.register(manifest, filesOf('x'), 'mara'), refused('not_found'));
  const files = { '../x': bytes('') };
  await assert.rejects(
    registry.register(manifestOf('life-bad', 'life', clock.now()), files, 'mara'),
    refused('bad_input'),
  );
});

test('history can be neither changed nor removed', async () => {
  for (const sql of [
    `UPDATE audit_log SET actor = 'nobody'`,
    'DELETE FROM audit_log',
    'TRUNCATE audit_log',
    'DELETE FROM model_versions',
    'TRUNCATE model_versions CASCADE',
  ])
    await assert.rejects(opened.database.query(sql), /append only|never deleted/, sql);
});
