/**
 * The state machine's runner on a real PostgreSQL, with steps that only count how often they ran.
 * Walks: a first run, a second that repeats nothing, changed code, a failing step and its retry, a run whose process died,
 * a run under way, cancelling. Does not test what the steps compute: the other flows do.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AssayError } from '../../src/domain/index.ts';
import {
  type JsonObject,
  type PipelineRequest,
  type PipelineStep,
  PipelineStore,
  runPipeline,
} from '../../src/pipeline/index.ts';
import {
  createLog,
  currentOwner,
  type Database,
  loadConfig,
  migrate,
  openDatabase,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';

const STATES = [
  'PrepareSources',
  'LandRaw',
  'ProcessRaw',
  'FillOnlineStore',
  'BuildFeatures',
  'BuildSnapshot',
  'TrainEstimator',
  'RegisterModel',
  'SelectChampion',
  'ScoreBook',
  'BuildMarts',
];
/** Run once for each estimator. */
const MAPPED = ['TrainEstimator', 'RegisterModel'];
const clock = { now: () => new Date() };

let home: string;
let database: Database;
let close: () => Promise<void>;
let store: PipelineStore;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-pipeline-'));
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' }, home);
  const opened = await openDatabase(config, { log: createLog(config) });
  database = opened.database;
  close = opened.close;
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  store = new PipelineStore(database, clock);
});

after(async () => {
  await close?.();
  await rm(home, { recursive: true, force: true });
});

type Bench = { ran: string[]; version: string; break: (state: string) => void };

function steps(bench: Bench): PipelineStep[] {
  return STATES.map((state) => ({
    state,
    title: state,
    ...(MAPPED.includes(state) ? { itemOf: (input: JsonObject) => String(input['estimator']) } : {}),
    inputHash: async (input) => `${bench.version}:${JSON.stringify(input['estimator'] ?? '')}`,
    run: async ({ input, onProgress }) => {
      bench.ran.push(input['estimator'] ? `${state}:${String(input['estimator'])}` : state);
      onProgress(1, 2, 'half');
      bench.break(state);
      return { rejectedShare: 0, made: state };
    },
    stands: async () => true,
  }));
}

const bench = (): Bench => ({ ran: [], version: 'v1', break: () => {} });

function request(portfolio: string, on: Bench, extra: Partial<PipelineRequest> = {}): PipelineRequest {
  return {
    portfolio,
    estimators: ['logistic', 'boosted'],
    steps: steps(on),
    store,
    clock,
    signal: new AbortController().signal,
    trigger: 'test',
    ...extra,
  };
}

test('runs every step once, and a second run repeats nothing', async () => {
  const on = bench();
  const { runId, output } = await runPipeline(request('once', on));
  assert.equal(on.ran.length, STATES.length + MAPPED.length);
  assert.deepEqual(output['models'], [
    { rejectedShare: 0, made: 'RegisterModel' },
    { rejectedShare: 0, made: 'RegisterModel' },
  ]);
  const history = await store.stepsOf(runId);
  assert.deepEqual([...new Set(history.map((step) => step.status))], ['succeeded']);
  assert.deepEqual(
    history.filter((step) => step.step === 'TrainEstimator').map((step) => step.item),
    ['boosted', 'logistic'],
  );

  const again = await runPipeline(request('once', on));
  assert.equal(on.ran.length, STATES.length + MAPPED.length);
  assert.deepEqual([...new Set((await store.stepsOf(again.runId)).map((step) => step.status))], ['reused']);
  assert.deepEqual(
    (await store.listRuns('once', 10)).map((run) => run.status),
    ['succeeded', 'succeeded'],
  );
});

test('another input hash, or --from, runs again', async () => {
  const on = bench();
  await runPipeline(request('change', on));
  on.ran = [];
  await runPipeline(request('change', on, { from: 'ScoreBook' }));
  assert.deepEqual(on.ran, ['ScoreBook', 'BuildMarts']);
  on.ran = [];
  on.version = 'v2';
  await runPipeline(request('change', on));
  assert.equal(on.ran.length, STATES.length + MAPPED.length);
  await assert.rejects(
    runPipeline(request('change', on, { from: 'Nowhere' })),
    /no such pipeline step.*given: Nowhere/,
  );
});

test('a failing step fails the run with its own error, and the next run goes on from there', async () => {
  const on = bench();
  on.break = (state) => {
    if (state === 'BuildFeatures') throw new AssayError('bad_input', { what: 'the catalog is wrong' });
  };
  await assert.rejects(runPipeline(request('fails', on)), { code: 'bad_input', message: 'the catalog is wrong' });
  const [failed] = await store.listRuns('fails', 1);
  assert.equal(failed?.status, 'failed');
  assert.equal(failed?.error, 'the catalog is wrong');
  on.ran = [];
  on.break = () => {};
  await runPipeline(request('fails', on));
  assert.equal(on.ran[0], 'BuildFeatures');
});

test('an engine that was not there is tried again', async () => {
  const on = bench();
  let failures = 1;
  on.break = (state) => {
    if (state === 'LandRaw' && failures-- > 0) throw new AssayError('unavailable', { what: 'the disk was away' });
  };
  const { runId } = await runPipeline(request('flaky', on));
  const landed = (await store.stepsOf(runId)).find((step) => step.step === 'LandRaw');
  assert.equal(landed?.attempt, 2);
  assert.equal(landed?.status, 'succeeded');
});

test('a run under way is not run twice; one whose process is gone is closed as interrupted', async () => {
  const on = bench();
  const run = { portfolio: 'twice', trigger: 'test', steps: STATES };
  await store.startRun({ ...run, runId: 'alive', owner: currentOwner() });
  await assert.rejects(runPipeline(request('twice', on)), { code: 'conflict' });
  await database.query('UPDATE pipeline_runs SET owner = $1 WHERE run_id = $2', [
    currentOwner().replace(/\d+$/, '999999999'),
    'alive',
  ]);
  await runPipeline(request('twice', on));
  assert.deepEqual((await store.listRuns('twice', 5)).map((entry) => entry.status).sort(), [
    'interrupted',
    'succeeded',
  ]);
});

test('too many rejects stop the run before features', async () => {
  const on = bench();
  await assert.rejects(runPipeline(request('dirty', on, { maxRejectedShare: -1 })));
  assert.equal(on.ran.includes('BuildFeatures'), false);
});

test('cancelling waits for the step under way and is in the history', async () => {
  const on = bench();
  const controller = new AbortController();
  on.break = (state) => {
    if (state === 'ProcessRaw') controller.abort();
  };
  await assert.rejects(runPipeline(request('stop', on, { signal: controller.signal })), { code: 'cancelled' });
  assert.equal((await store.listRuns('stop', 1))[0]?.status, 'cancelled');
});
