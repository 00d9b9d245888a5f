import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { API_PREFIX, problemSchema, scoreResultSchema, seedUsers, signedInSchema } from '../../src/api/index.ts';
import { DecisionStore } from '../../src/decisions/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { startWorkerPool, type WorkerPool } from '../../src/entrypoints/server/index.ts';
import { packArtifact } from '../../src/estimators/index.ts';
import {
  createLog,
  loadConfig,
  migrate,
  type OpenDatabase,
  openDatabase,
  openPersonVault,
  openSigner,
  REPOSITORY_ROOT,
  systemClock,
} from '../../src/platform/index.ts';
import { tinyPortfolio, trainTinyModel } from './support/tiny-book.ts';
import { type TinyModels, tinyModels } from './support/tiny-models.ts';
import { PASSWORD } from './support/tiny-server.ts';

/**
 * Walks through a server of several processes: they share one port, one that is killed is replaced while requests go on, each
 * key is decided once however often it is sent, a promotion is in effect in all of them within a second and never mixed with
 * the version before, runs are started in the primary, figures are summed, and stopping lets requests finish.
 * It does not measure: bench/serving.ts does.
 */
let home = '';
let opened: OpenDatabase;
let models: TinyModels;
let pool: WorkerPool;
let token = '';
const started: string[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-workers-'));
  Object.assign(process.env, { ASSAY_HOME: home, PORT: '0', ASSAY_NTHREAD: '1', ASSAY_LOG_LEVEL: 'silent' });
  const config = loadConfig(process.env, home);
  const log = createLog(config);
  opened = await openDatabase(config, { log });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  await seedUsers({ database: opened.database, clock: systemClock, password: PASSWORD });
  const { database } = opened;
  models = await tinyModels({ home, database, directory: join(home, 'models'), clock: systemClock });
  pool = await startWorkerPool({
    script: join(REPOSITORY_ROOT, 'test/flow/support/tiny-worker.ts'),
    args: [],
    count: 2,
    handlers: {
      startRun: (_request: unknown, actor: string) => {
        started.push(actor);
        return 'run-1';
      },
      cancelRun: (runId: string) => {
        throw new AssayError('not_found', { what: 'no such run', given: runId });
      },
    },
    onLost: (name) =>
      new DecisionStore({
        ...{ database, clock: systemClock, portfolio: tinyPortfolio.name },
        vault: openPersonVault({ home, database, clock: systemClock, portfolio: tinyPortfolio.name }),
      }).releaseAll(name),
    log,
  });
  token = signedInSchema.parse(
    await (await post('/session', { username: 'underwriter', password: PASSWORD })).json(),
  ).token;
});

after(async () => {
  await pool?.close();
  await opened?.close();
  await rm(home, { recursive: true, force: true });
});

const APPLICATION = {
  borrowerId: 'B1',
  amountMinor: 200_000,
  attributes: { income_minor: 250_000, arrears: 2, purpose: 'car' },
};

/** A connection of its own for each request: they go round the workers. */
async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${pool.url}${API_PREFIX}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(body),
  });
}

/** Sends it again until it is answered, as a client does whose connection broke. */
async function decide(key: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await post('/applications', APPLICATION, { 'idempotency-key': key }).catch(() => undefined);
    if (answer?.status === 201) return answer.text();
    if (answer) assert.ok([409, 503].includes(answer.status), `${answer.status} ${await answer.text()}`);
    await sleep(100);
  }
  throw new Error(`${key} was never answered`);
}

async function waitFor(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !isSo(); i++) await sleep(50);
  assert.ok(isSo());
}

test('wrong passwords are counted by all workers together, also those sent at once', async () => {
  const guess = () => post('/session', { username: 'Manager', password: 'not it at all' });
  const first = await Promise.all(Array.from({ length: 8 }, guess));
  const statuses = first.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
  for (let i = 0; i < 4; i++) {
    const answer = await post('/session', { username: 'manager', password: PASSWORD });
    assert.equal(answer.status, 429, 'the right password waits too');
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds > 600 && seconds <= 900, `${seconds}`);
  }
  assert.equal((await post('/session', { username: 'validator', password: PASSWORD })).status, 200);
});

test('several processes serve one port, and their figures are summed', async () => {
  const before = pool.processIds();
  assert.equal(before.length, 2);
  await Promise.all(Array.from({ length: 20 }, (_, i) => decide(`sum-${i}`)));
  const metrics = await (await fetch(`${pool.url}/metrics`)).text();
  const counts = [...metrics.matchAll(/^assay_decisions_total\{outcome="\w+"\} (\d+)$/gm)].map((match) =>
    Number(match[1]),
  );
  assert.equal(
    counts.reduce((a, b) => a + b, 0),
    20,
  );
  for (const step of ['features', 'score', 'record']) {
    assert.match(metrics, new RegExp(`assay_decision_step_seconds_count\\{step="${step}"\\} 20`));
  }
  assert.match(metrics, /assay_model_in_use\{model_version="tiny-[\w-]+"\} 1/);
});

test('a killed worker is replaced, requests go on, and each key is decided once', async () => {
  const [victim] = pool.processIds();
  const answers = Array.from({ length: 40 }, (_, i) => decide(`kill-${i}`));
  process.kill(victim!, 'SIGKILL');
  const first = await Promise.all(answers);
  await waitFor(() => pool.processIds().length === 2 && !pool.processIds().includes(victim!));
  const again = await Promise.all(first.map((_, i) => decide(`kill-${i}`)));
  assert.deepEqual(again, first);
  const [row] = await opened.database.query<{ decided: number; keys: number }>(
    `SELECT (SELECT count(*) FROM decisions)::int - 20 AS decided, count(DISTINCT decision_id)::int AS keys
     FROM idempotency_keys WHERE key LIKE 'kill-%'`,
  );
  assert.deepEqual(row, { decided: 40, keys: 40 });
});

test('a promotion is in effect in every worker within a second, and answers never mix versions', async () => {
  const { draft, fitted } = await trainTinyModel();
  const signer = openSigner(home);
  const { manifest, files } = await packArtifact({ ...draft, calibration: { kind: 'identity' } }, fitted, (bytes) =>
    signer.sign(bytes),
  );
  await models.registry.register(manifest, files, 'modeller');
  await models.registry.approve(manifest.modelVersion, 'validator', 'for the test');
  const versions = [manifest.modelVersion, (await models.champion()).manifest.modelVersion];
  const pdOf = new Map<string, number>();
  for (const version of [...versions, ...versions]) {
    await models.registry.promote(version, 'manager', 'for the test');
    await sleep(1000);
    const scores = await Promise.all(
      Array.from({ length: 8 }, async () => scoreResultSchema.parse(await (await post('/scores', APPLICATION)).json())),
    );
    for (const { modelVersion, pd } of scores) {
      assert.equal(modelVersion, version);
      assert.equal(pdOf.get(version) ?? pd, pd);
      pdOf.set(version, pd);
    }
  }
  assert.equal(new Set(pdOf.values()).size, 2);
});

test('runs are started and cancelled in the primary, whichever worker is asked', async () => {
  const signedIn = await post('/session', { username: 'engineer', password: PASSWORD });
  const engineer = signedInSchema.parse(await signedIn.json()).token;
  const headers = { authorization: `Bearer ${engineer}` };
  const answer = await post('/pipeline/runs', {}, headers);
  assert.deepEqual([answer.status, await answer.json(), started], [202, { runId: 'run-1' }, ['engineer']]);
  const refused = await post('/pipeline/runs/other/cancel', {}, headers);
  assert.deepEqual([refused.status, problemSchema.parse(await refused.json()).code], [404, 'not_found']);
});

test('stopping lets the requests under way finish', async () => {
  const batch = Array.from({ length: 500 }, () => APPLICATION);
  const underWay = [post('/scores', batch), post('/scores', batch)];
  await sleep(20);
  const processes = pool.processIds();
  await pool.close();
  for (const answer of await Promise.allSettled(underWay)) {
    if (answer.status === 'rejected') continue; // it had not reached a worker yet
    assert.ok([200, 503].includes(answer.value.status));
    if (answer.value.status === 200)
      assert.equal(z.array(scoreResultSchema).parse(await answer.value.json()).length, 500);
  }
  for (const processId of processes) assert.throws(() => process.kill(processId, 0));
});
