/**
 * Walks the commands of those who govern a book, through the door a user takes: a policy is proposed and approved by two persons, the review
 * queue is listed, a person is put under a legal hold, freed by another and erased. Roles are those of the API. Does not test what the
 * stores do (policies.test.ts, reviews.test.ts, persons.test.ts, erasure.test.ts).
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { seedUsers } from '../../src/api/index.ts';
import { openSystem, type System } from '../../src/entrypoints/system.ts';
import { openBookEvents } from '../../src/ingestion/index.ts';
import { systemClock as clock, loadConfig, REPOSITORY_ROOT } from '../../src/platform/index.ts';

const DOOR = join(REPOSITORY_ROOT, 'bin', 'assay.js');
const PERSON = 'C-canary-1';
let home: string;
let system: System;

type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Not spawnSync: the database lives in this process's hands meanwhile. */
async function assay(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' };
  const child = spawn(process.execPath, [DOOR, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, ...said };
}

async function done(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await assay(...args);
  assert.equal(status, 0, stderr);
  return stdout;
}

async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await assay(...args);
  assert.deepEqual([status === 0, stdout], [false, '']);
  return stderr;
}

test('a consent is kept with its text, listed and taken back', async () => {
  const file = join(home, 'consent.txt');
  await writeFile(file, 'I agree that the age of my account at Plaza is read for this decision.');
  const terms = ['--platform', 'plaza', '--scope', 'account_age_days', '--days', '30', '--text-version', 'v1'];
  const given = [...terms, '--text-file', file, '--evidence', 'signed form', '--as', 'underwriter'];
  assert.match(await done('consents', 'grant', 'C-consent', ...given), /live {2}credit_decision at plaza/);
  assert.match(await refused('consents', 'grant', 'C-consent', ...given), /stands already/);
  assert.match(
    await refused('consents', 'grant', 'C-consent', ...given, '--scope', 'friends'),
    /may ever be asked for/,
  );
  assert.match(await refused('consents', 'list', 'C-consent', '--as', 'modeller'), /role/);
  const [consent] = JSON.parse(await done('consents', 'list', 'C-consent', '--as', 'compliance', '--json'));
  const revoked = await done('consents', 'revoke', 'C-consent', consent.consentId, '--as', 'underwriter');
  assert.match(revoked, /ended.*taken back/);
});

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-govern-'));
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' }, home);
  system = await openSystem({ config, portfolio: 'simulated-bank', clock });
  const { database, portfolio } = system;
  await seedUsers({ database, clock, password: 'correct horse battery staple' });
  const events = await openBookEvents({ database, portfolio, clock });
  await events.intake.accept([{ value: { source: 'transactions', borrowerId: PERSON, payload: {} } }]);
});
after(async () => {
  await system?.close();
  await rm(home, { recursive: true, force: true });
});

test('a policy is proposed by one and approved by another; the list and the version say so', async () => {
  const file = join(home, 'proposal.json');
  const { policy } = system.portfolio;
  await writeFile(file, JSON.stringify({ ...policy, version: 'next', description: 'as before' }));
  const note = ['--note', 'minutes of today'];
  assert.match(await refused('policies', 'propose', file, '--as', 'compliance', ...note), /may not do this/);
  assert.match(await done('policies', 'propose', file, '--as', 'manager', ...note), /next proposed by manager/);
  assert.match(await refused('policies', 'propose', file, '--as', 'manager', ...note), /taken/);
  assert.match(
    await done('policies', 'approve', 'next', '--as', 'compliance', ...note),
    /next live, approved by compliance/,
  );
  const { versions } = JSON.parse(await done('policies', 'list', '--json'));
  assert.deepEqual(
    versions.map(({ version, status }: { version: string; status: string }) => [version, status]),
    [
      ['next', 'live'],
      [policy.version, 'retired'],
    ],
  );
  const shown = await done('policies', 'show', 'next');
  assert.match(shown, /(\d+) of \1 cases hold/);
  for (const { id } of policy.rules) assert.ok(shown.includes(id), id);
});

test('the queue is for those who may see borrowers’ data', async () => {
  assert.match(await refused('reviews', 'list', '--as', 'engineer'), /may not do this/);
  assert.match(await done('reviews', 'list', '--as', 'underwriter'), /0 of 0 that wait/);
});

test('a person is held, freed by another, erased; a copy is for compliance to give', async () => {
  const reason = ['--reason', 'asked for by letter of today'];
  assert.match(await refused('persons', 'erase', PERSON, '--as', 'compliance', '--reason', 'short'), /reason/);
  assert.match(await done('persons', 'hold', PERSON, '--as', 'admin', ...reason), /legal hold since .* by admin/);
  assert.match(await refused('persons', 'erase', PERSON, '--as', 'compliance', ...reason), /legal hold/);
  assert.match(await refused('persons', 'lift', PERSON, '--as', 'admin', ...reason), /may not/);
  assert.match(await done('persons', 'lift', PERSON, '--as', 'compliance', ...reason), /no legal hold/);
  assert.match(await refused('persons', 'export', PERSON, '--as', 'underwriter'), /may not do this/);
  assert.equal(JSON.parse(await done('persons', 'export', PERSON, '--as', 'compliance')).borrowerId, PERSON);
  const erased = await done('persons', 'erase', PERSON, '--as', 'compliance', ...reason);
  assert.match(
    erased,
    /erased: 0 decisions, 0 facts, 1 refused events[\s\S]*pending until the next run of the pipeline/,
  );
  assert.match(await refused('persons', 'erase', PERSON, '--as', 'compliance', ...reason), /nothing is kept/);
});
