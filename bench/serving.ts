/**
 * Decisions under load and under fire, on a pool of workers with the model of the scoring benches (300 trees of depth 6):
 *   load      200 decisions a second, with reasons and durable record: latency from when each was due (exam R17)
 *   kills     the same while a worker is killed every minute; the client tries once more, on a connection of its own (R18)
 *   swap      50 promotions there and back under 200 a second: failures, mixed versions, time until in effect (R14)
 *   keys      5,000 keys x 8 sends at once, workers dying between commit and answer (R7)
 *   overload  far more connections than are served at once: what is accepted, what is refused, memory (R9)
 *   replay    10,000 decisions computed again in a fresh process (R13)
 * It makes its own home and needs nothing. At the size of the exam load and kills take ten minutes each, overload eleven.
 * With --home load and kills run on a copy of a trained book instead: features from its online store, its own model, policy and
 * fraud checks, its own borrowers applying again (R17 and R18 as the exam has them).
 * Run: node bench/serving.ts [--check load,kills,…] [--home DIR [--portfolio simulated-bank]] [--seconds 600] [--kill-every 60]
 *   [--workers 2] [--json]
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { type FlatPool, startFlatPool } from './support/flat-pool.ts';
import { startHomePool } from './support/home-pool.ts';
import { openLoop, type Post, post, quantile, type Sent } from './support/open-loop.ts';

type Figures = Readonly<Record<string, number>>;
type Options = {
  /** Of one measurement; unset: as long as the exam asks. */
  readonly seconds: number | undefined;
  readonly killEverySeconds: number;
  readonly keys: number;
};

/** What load and kills need: the flat book or a trained one. */
type Served = Pick<FlatPool, 'database' | 'pool' | 'token' | 'bodies' | 'stop'>;

const [LOAD_SECONDS, OVERLOAD_SECONDS] = [600, 300];

const RATE = 200;

function decision({ pool, token, bodies }: Served, i: number, key: string): Post {
  return {
    url: `${pool.url}/api/v1/applications`,
    body: bodies[i % bodies.length]!,
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
  };
}

function figuresOf(sent: readonly Sent[]): Figures {
  const latencies = sent.filter(({ status }) => status === 201).map(({ latencyMs }) => latencyMs);
  return {
    sent: sent.length,
    succeeded: latencies.length,
    status5xx: sent.filter(({ status }) => status >= 500).length,
    noAnswer: sent.filter(({ status }) => status === 0).length,
    retried: sent.filter(({ attempts }) => attempts > 1).length,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

/** Decisions and keys that have one, without those that were there before: equal when each key is decided once. */
async function recorded(served: Served, before?: Figures): Promise<Figures> {
  const now = await recordedInAll(served);
  return Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - (before?.[name] ?? 0)]));
}

async function recordedInAll({ database }: Served): Promise<Figures> {
  const [row] = await database.query<{ decisions: number; keys: number }>(
    `SELECT (SELECT count(*)::int FROM decisions) AS decisions,
            (SELECT count(*)::int FROM idempotency_keys WHERE decision_id IS NOT NULL) AS keys`,
  );
  return { decisionsRecorded: row?.decisions ?? 0, keysDecided: row?.keys ?? 0 };
}

async function load(flat: Served, { seconds = LOAD_SECONDS }: Options): Promise<Figures> {
  const postOf = (i: number) => decision(flat, i, `load-${i}`);
  await openLoop({ perSecond: RATE, seconds: 5, retries: 1, postOf: (i) => decision(flat, i, `warm-${i}`) });
  const before = await recorded(flat);
  const sent = await openLoop({ perSecond: RATE, seconds, retries: 0, postOf });
  return { ...figuresOf(sent), ...(await recorded(flat, before)) };
}

async function kills(flat: Served, { seconds = LOAD_SECONDS, killEverySeconds }: Options): Promise<Figures> {
  const before = await recorded(flat);
  let killed = 0;
  const killer = setInterval(() => {
    const [victim] = flat.pool.processIds();
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
    killed++;
  }, killEverySeconds * 1000);
  const sent = await openLoop({
    perSecond: RATE,
    seconds,
    retries: 1,
    postOf: (i) => decision(flat, i, `kills-${i}`),
  });
  clearInterval(killer);
  const figures = figuresOf(sent);
  const failed = Map.groupBy(
    sent.filter(({ status }) => status !== 201),
    ({ status }) => `failed${status}`,
  );
  const failures = Object.fromEntries([...failed].map(([name, { length }]) => [name, length]));
  return {
    killed,
    ...figures,
    ...failures,
    successShare: figures['succeeded']! / sent.length,
    ...(await recorded(flat, before)),
  };
}

async function swap(flat: FlatPool): Promise<Figures> {
  const promotions: { readonly atMs: number; readonly version: string }[] = [];
  let isDone = false;
  const promoting = (async () => {
    for (let i = 1; i <= 50; i++) {
      await sleep(1_200);
      const version = flat.versions[i % 2]!;
      await flat.registry.promote(version, 'manager', 'for the bench');
      promotions.push({ atMs: performance.now(), version });
    }
    isDone = true;
  })();
  const sent: Sent[] = [];
  for (let round = 0; !isDone; round++) {
    const postOf = () => decision(flat, 0, `swap-${round}-${sent.length}-${Math.random()}`);
    sent.push(...(await openLoop({ perSecond: RATE, seconds: 1, retries: 0, postOf })));
  }
  await promoting;
  const pds = new Map<string, Set<number>>();
  let late = 0;
  for (const { status, body, dueMs } of sent) {
    if (status !== 201) continue;
    const { modelVersion, pd } = JSON.parse(body) as { modelVersion: string; pd: number };
    pds.set(modelVersion, (pds.get(modelVersion) ?? new Set()).add(pd));
    const before = promotions.filter(({ atMs }) => atMs + 1000 <= dueMs).at(-1);
    const between = promotions.some(({ atMs }) => atMs > (before?.atMs ?? 0) && atMs <= dueMs + 1000);
    if (before && !between && before.version !== modelVersion) late++;
  }
  const mixed = [...pds.values()].filter((seen) => seen.size > 1).length;
  return { promotions: promotions.length, ...figuresOf(sent), versionsSeen: pds.size, mixed, oldAfterASecond: late };
}

/** Workers of this pool die after one in two hundred commits: set before it is started. */
async function keys(flat: FlatPool, options: Options): Promise<Figures> {
  let [conflicts, broken, different, wrong] = [0, 0, 0, 0];
  const before = new Set(flat.pool.processIds());
  const sendUntilAnswered = async (what: Post): Promise<string> => {
    for (;;) {
      const answer = await post(what);
      if (answer.status === 201) return answer.body;
      if (answer.status === 409) conflicts++;
      else if (answer.status === 0) broken++;
      else if (answer.status !== 503) wrong++;
      await sleep(20 + Math.random() * 80);
    }
  };
  const died = new Set<number>();
  const watch = setInterval(() => {
    for (const id of flat.pool.processIds()) if (!before.has(id)) died.add(id);
  }, 50);
  let next = 0;
  const oneByOne = async (): Promise<void> => {
    for (let i = next++; i < options.keys; i = next++) {
      const what = decision(flat, i, `keys-${i}`);
      const answers = await Promise.all(Array.from({ length: 8 }, () => sendUntilAnswered(what)));
      if (new Set(answers).size !== 1) different++;
      const other = await post({ ...what, body: flat.bodies[(i + 1) % flat.bodies.length]! });
      if (![422, 0, 503].includes(other.status)) wrong++;
    }
  };
  await Promise.all(Array.from({ length: 4 }, oneByOne));
  clearInterval(watch);
  const counts = await recorded(flat);
  return { keys: options.keys, workersReplaced: died.size, conflicts, broken, different, wrong, ...counts };
}

async function overload(flat: FlatPool, { seconds = OVERLOAD_SECONDS }: Options): Promise<Figures> {
  const memory = async (): Promise<number> => {
    const sizes = await Promise.all(flat.pool.processIds().map((id) => readFile(`/proc/${id}/statm`, 'utf8')));
    return sizes.reduce((sum, size) => sum + Number(size.split(' ')[1]) * 4096, 0) / 2 ** 20;
  };
  const measure = async (connections: number, prefix: string) => {
    const until = performance.now() + seconds * 1000;
    const latencies: number[] = [];
    const refused: number[] = [];
    const statuses = new Map<number, number>();
    const one = async (c: number): Promise<void> => {
      for (let i = 0; performance.now() < until; i++) {
        const began = performance.now();
        const { status } = await post(decision(flat, i, `${prefix}-${c}-${i}`));
        (status === 201 ? latencies : refused).push(performance.now() - began);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status === 503) await sleep(50);
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, c) => one(c)));
    return { latencies, refused, statuses };
  };
  const atCapacity = await measure(32, 'capacity');
  const before = await memory();
  const over = await measure(400, 'overload');
  const after = await memory();
  const other = [...over.statuses].filter(([status]) => status !== 201 && status !== 503);
  return {
    capacityPerSecond: atCapacity.latencies.length / seconds,
    capacityP99Ms: quantile(atCapacity.latencies, 0.99),
    acceptedPerSecond: over.latencies.length / seconds,
    acceptedP99Ms: quantile(over.latencies, 0.99),
    refused503: over.statuses.get(503) ?? 0,
    otherAnswers: other.reduce((sum, [, count]) => sum + count, 0),
    memoryRatio: after / before,
  };
}

async function replay(flat: FlatPool): Promise<Figures> {
  const [row] = await flat.database.query<{ count: number }>('SELECT count(*)::int AS count FROM decisions');
  const missing = Math.max(0, 10_000 - (row?.count ?? 0));
  for (let from = 0; from < missing; from += 16) {
    await Promise.all(Array.from({ length: 16 }, (_, k) => post(decision(flat, from + k, `replay-${from + k}`))));
  }
  const script = join(import.meta.dirname, 'support/flat-replay.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, flat.fittedPath], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

const CHECKS = { load, kills, swap, overload, replay, keys } as const;
/** That do not need the flat book. */
const ON_A_HOME = { load, kills } as const;

/** Starts what is served, and gives the check to run on it. */
async function prepare(
  name: string,
  workers: number,
  home: { readonly directory: string; readonly portfolio: string } | undefined,
) {
  const known = home ? ON_A_HOME : CHECKS;
  if (!Object.hasOwn(known, name)) throw new Error(`no check "${name}": ${Object.keys(known).join(', ')}`);
  if (home) {
    const served = await startHomePool(home.directory, home.portfolio, workers);
    return { served, run: (options: Options) => ON_A_HOME[name as keyof typeof ON_A_HOME](served, options) };
  }
  if (name === 'keys') Object.assign(process.env, { ASSAY_TEST: '1', ASSAY_TEST_KILL_AFTER_COMMIT: '0.005' });
  const served = await startFlatPool(workers);
  return { served, run: (options: Options) => CHECKS[name as keyof typeof CHECKS](served, options) };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      check: { type: 'string' },
      home: { type: 'string' },
      portfolio: { type: 'string', default: 'simulated-bank' },
      seconds: { type: 'string' },
      'kill-every': { type: 'string', default: '60' },
      keys: { type: 'string', default: '5000' },
      workers: { type: 'string', default: '2' },
      json: { type: 'boolean' },
    },
  });
  const options: Options = {
    seconds: values.seconds === undefined ? undefined : Number(values.seconds),
    killEverySeconds: Number(values['kill-every']),
    keys: Number(values.keys),
  };
  const home = values.home === undefined ? undefined : { directory: values.home, portfolio: values.portfolio };
  const checks = values.check?.split(',') ?? Object.keys(home ? ON_A_HOME : CHECKS);
  for (const name of checks) {
    const { served, run } = await prepare(name, Number(values.workers), home);
    try {
      const figures = await run(options);
      console.log(values.json ? JSON.stringify({ check: name, ...figures }) : name);
      if (!values.json) console.table(figures);
    } finally {
      await served.stop();
    }
  }
}
