/**
 * The pipeline in a process of its own, through the door a user takes: `assay up` on a small simulated bank. Walks: health
 * answers while a run trains, a run is cancelled from the page, another goes on where it stopped, the server killed with
 * SIGKILL takes its children with it and leaves a run that the next start closes as interrupted.
 * Does not test what the run computes.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pipelineRunDetailSchema, pipelineRunsSchema, signedInSchema, startedRunSchema } from '../../src/api/index.ts';
import { createLog, findXgboost, loadConfig, openDatabase, REPOSITORY_ROOT } from '../../src/platform/index.ts';

const PASSWORD = 'correct horse battery staple';
const WAIT_MS = 120_000;
/** A loop that computes is blocked for seconds; this is far below that, and far above what a busy machine adds. */
const BLOCKED_MS = 1_000;
const BORROWERS = 1_000;
/** Far less than a run takes, so that one that merely ends is not taken for one that was ended. */
const ORPHANED_MS = 3_000;

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = !existsSync('/proc/self/stat')
  ? 'needs /proc'
  : library === undefined
    ? 'libxgboost is not installed on this machine; "assay doctor" says how'
    : false;

type Server = { readonly process: ChildProcess; readonly url: string; readonly said: () => string };

let home: string;
let port: number;
const servers: ChildProcess[] = [];

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function until<T>(what: string, check: () => Promise<T | undefined | false>, waitMs = WAIT_MS): Promise<T> {
  for (const end = Date.now() + waitMs; Date.now() < end; await sleep(50)) {
    const found = await check().catch(() => undefined);
    if (found !== undefined && found !== false) return found;
  }
  assert.fail(`waited ${waitMs / 1000} s for ${what}`);
}

async function start(): Promise<Server> {
  let said = '';
  const door = join(REPOSITORY_ROOT, 'bin', 'assay.js');
  const child = spawn(process.execPath, [door, 'up', '--borrowers', String(BORROWERS)], {
    env: { ...process.env, ASSAY_HOME: home, PORT: String(port), ASSAY_SEED_PASSWORD: PASSWORD },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  servers.push(child);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const url = `http://127.0.0.1:${port}`;
  await until('the server to listen', async () => {
    assert.equal(child.exitCode, null, said);
    return (await fetch(`${url}/health`)).ok;
  });
  return { process: child, url, said: () => said };
}

async function signIn({ url }: Server): Promise<string> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'engineer', password: PASSWORD }),
  });
  return signedInSchema.parse(await response.json()).token;
}

function api(server: Server, token: string) {
  return async (method: 'GET' | 'POST', path: string, body?: object): Promise<Response> =>
    fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
}

/** Processes below one, but for the database, which is shared and outlives who started it. */
function descendants(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  const own = listed.filter((child) => !readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('postgres'));
  return own.flatMap((child) => [child, ...descendants(child)]);
}

const isRun = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pipeline-child');
/** The process of the run and what it started; the server has others, which stay. */
const processesOfRun = (server: number): number[] =>
  descendants(server)
    .filter(isRun)
    .flatMap((pid) => [pid, ...descendants(pid)]);

const isRunning = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-child-'));
  port = await freePort();
});

after(async () => {
  for (const child of servers) if (child.exitCode === null) child.kill('SIGKILL');
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' }, home);
  // the last server was killed: opening and closing its database stops it
  const { close } = await openDatabase(config, { log: createLog(config) });
  await close();
  await rm(home, { recursive: true, force: true });
});

test('a run trains in a process of its own, is cancelled from the page, and dies with its server', {
  skip,
}, async () => {
  const server = await start();
  const call = api(server, await signIn(server));
  const runs = async () => pipelineRunsSchema.parse(await (await call('GET', '/pipeline/runs')).json()).runs;
  const stepsOf = async (runId: string) =>
    pipelineRunDetailSchema.parse(await (await call('GET', `/pipeline/runs/${runId}`)).json()).steps;
  const isTraining = async (runId: string): Promise<boolean> =>
    (await stepsOf(runId)).some(({ step, status }) => step === 'TrainEstimator' && status === 'running');

  const first = await until('the first run', async () => (await runs())[0]);
  await until('training', () => isTraining(first.runId));
  const latenciesMs: number[] = [];
  for (let i = 0; i < 60 && (await isTraining(first.runId)); i++) {
    const askedMs = performance.now();
    const response = await fetch(`${server.url}/health`);
    latenciesMs.push(performance.now() - askedMs);
    assert.equal(response.status, 200);
    await sleep(20);
  }
  latenciesMs.sort((a, b) => a - b);
  assert.ok(latenciesMs.length >= 10, `only ${latenciesMs.length} answers while it trained`);
  assert.ok(latenciesMs[latenciesMs.length >> 1]! < 100, `median ${latenciesMs[latenciesMs.length >> 1]} ms`);
  assert.ok(latenciesMs.at(-1)! < BLOCKED_MS, `slowest ${latenciesMs.at(-1)} ms`);

  assert.equal((await call('POST', '/pipeline/runs', {})).status, 409);
  const children = processesOfRun(server.process.pid!);
  assert.ok(children.length >= 1);
  assert.equal((await call('POST', `/pipeline/runs/${first.runId}/cancel`, {})).status, 202);
  const cancelled = await until('the end of the run', async () =>
    (await runs()).find(({ status }) => status !== 'running'),
  );
  assert.equal(cancelled.status, 'cancelled');
  await until('the end of its processes', async () => !children.some(isRunning));
  await until('the server to go on without the run', async () => /cancelled[\s\S]*Assay is ready/.test(server.said()));

  const again = await call('POST', '/pipeline/runs', {});
  assert.equal(again.status, 202, await again.clone().text());
  const { runId } = startedRunSchema.parse(await again.json());
  await until('training again', () => isTraining(runId));
  const reused = (await stepsOf(runId)).filter(({ status }) => status === 'reused').map(({ step }) => step);
  assert.ok(reused.includes('BuildFeatures'), `reused ${reused.join(', ')}`);

  const left = descendants(server.process.pid!);
  assert.ok(left.length >= 1);
  server.process.kill('SIGKILL');
  await until('the end of the children of a killed server', async () => !left.some(isRunning), ORPHANED_MS);

  const next = await start();
  const callNext = api(next, await signIn(next));
  const history = await until('the next run', async () => {
    const { runs: found } = pipelineRunsSchema.parse(await (await callNext('GET', '/pipeline/runs')).json());
    return found.length === 3 && found;
  });
  assert.deepEqual(
    history.map(({ status }) => status),
    ['running', 'interrupted', 'cancelled'],
  );
  next.process.kill('SIGTERM');
  await until('the end of the server', async () => next.process.exitCode !== null);
  assert.deepEqual(descendantsOrNone(next.process.pid!), []);
});

function descendantsOrNone(pid: number): number[] {
  return existsSync(`/proc/${pid}/task/${pid}/children`) ? descendants(pid) : [];
}
