/**
 * Walks through a backup made while events come in, and its restore elsewhere: nothing acknowledged before is lost, nothing is
 * there twice, and of a book at rest the restored state is the same. A backup that was changed, or a home that is not empty, is
 * refused. The figures at size are those of bench/backup.ts, which this runs small.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { REPOSITORY_ROOT } from '../../src/platform/index.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'assay-backup-'));
});
after(() => rm(root, { recursive: true, force: true }));

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function node(words: readonly string[], home = 'none'): Promise<Result> {
  const env = { ...process.env, ASSAY_HOME: join(root, home), ASSAY_LOG_LEVEL: 'error' };
  const run = promisify(execFile)(process.execPath, [...words], { env, cwd: REPOSITORY_ROOT });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
const assay = (home: string, ...words: string[]): Promise<Result> => node(['bin/assay.js', ...words], home);

test('under load nothing is lost or doubled, at rest the hash is the same', async () => {
  const { code, stdout, stderr } = await node(['bench/backup.ts', '--events', '3000', '--json']);
  const figures = JSON.parse(stdout || '{}');
  assert.equal(code, 0, `${stdout}${stderr}`);
  assert.equal(figures.loadWentOnThroughout, true);
  assert.ok(figures.restoredEvents >= 3_000);
  assert.deepEqual([figures.lost, figures.wrong, figures.twiceInRawZone, figures.sameHashAtRest], [0, 0, 0, true]);
});

test('a changed backup, one that was not finished and a home in use are refused by name', async () => {
  await mkdir(join(root, 'home/models/m-1'), { recursive: true });
  await writeFile(join(root, 'home/models/m-1/model.json'), '{}');
  const backup = join(root, 'backup');
  const made = await assay('home', 'backup', backup, '--json');
  assert.equal(made.code, 0, made.stderr);
  assert.equal(JSON.parse(made.stdout).folder, backup);
  assert.match((await assay('home', 'backup', backup)).stderr, /cannot be made/);
  assert.match((await assay('home', 'restore', backup)).stderr, /not empty/);

  const file = join(backup, 'models/m-1/model.json');
  await writeFile(file, '[]');
  assert.match((await assay('other', 'restore', backup)).stderr, /model\.json, 2 bytes.*SHA-256/);
  await writeFile(file, '{}');
  const manifest = await readFile(join(backup, 'backup.json'));
  await writeFile(join(backup, 'backup.json'), manifest.subarray(0, 100));
  assert.match((await assay('other', 'restore', backup)).stderr, /not a finished backup/);
  // names that lead out of the folder, links, and files that nobody backed up
  const { files, ...head } = JSON.parse(String(manifest));
  const stamp = files['models/m-1/model.json'];
  await writeFile(join(root, 'outside.json'), '{}');
  for (const name of ['../outside.json', join(root, 'outside.json'), 'models/../../outside.json']) {
    await writeFile(join(backup, 'backup.json'), JSON.stringify({ ...head, files: { ...files, [name]: stamp } }));
    assert.match((await assay('other', 'restore', backup)).stderr, /not what its manifest says.*outside\.json/, name);
  }
  await writeFile(join(backup, 'backup.json'), manifest);
  await writeFile(join(backup, 'postgres/postgresql.auto.conf.d'), "archive_command = 'touch /tmp/x'");
  assert.match((await assay('other', 'restore', backup)).stderr, /not what its manifest says.*auto\.conf\.d/);
  await rm(join(backup, 'postgres/postgresql.auto.conf.d'));
  await rm(file);
  await symlink(join(root, 'outside.json'), file);
  assert.match((await assay('other', 'restore', backup)).stderr, /not what its manifest says.*model\.json/);
  await rm(file);
  await writeFile(file, '{}');
  const restored = await assay('other', 'restore', backup);
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal(await readFile(join(root, 'other/models/m-1/model.json'), 'utf8'), '{}');
  assert.equal((await assay('other', 'audit', 'verify')).code, 0);
});
