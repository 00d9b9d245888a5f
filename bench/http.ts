/**
 * HTTP: one connection, one request of thirty JSON fields after another, in one run, alternating: Assay's `POST /scores` with
 * reasons and without, FastAPI with pydantic and XGBoost doing the same, and two bare servers that only parse the JSON and answer
 * with as many bytes: one on Fastify, as Assay is, one on node:http alone. The model is the same file: 300 trees of depth 6.
 * Run: ASSAY_PYTHON=… node bench/http.ts [--seconds 4] [--rounds 3] [--json]
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { syntheticBook } from '../test/parity/xgboost-peer.ts';
import { median, openBenchModel } from './scoring-model.ts';
import { requestsASecond, type Target } from './support/requests.ts';

export type HttpBench = {
  readonly fields: number;
  readonly assayReasons: number;
  readonly assayPd: number;
  readonly fastapiReasons: number | null;
  readonly fastapiPd: number | null;
  readonly bareFastify: number;
  readonly bareNode: number;
  /** Requests a second over FastAPI's: above 1 = Assay is quicker. */
  readonly reasonsRatio: number | null;
  readonly pdRatio: number | null;
  /** pd only, of the bare servers' requests a second. */
  readonly shareOfBareFastify: number;
  readonly shareOfBareNode: number;
};

const PASSWORD = 'bench bench bench';
const ROWS = 200;

export async function benchHttp({ seconds = 4, rounds = 3 } = {}): Promise<HttpBench> {
  const directory = await mkdtemp(join(tmpdir(), 'assay-bench-http-'));
  const children: ChildProcess[] = [];
  try {
    const { targets, fields } = await startTargets(directory, children);
    const seen: Record<string, number[]> = {};
    for (let round = 0; round < rounds; round++) {
      for (const [name, target] of Object.entries(targets)) {
        const rate = await requestsASecond(target, { connections: 1, seconds });
        seen[name] = [...(seen[name] ?? []), rate];
      }
    }
    const rate = (name: string): number | null => (seen[name] ? median(seen[name]) : null);
    const ratio = (name: string, peer: string): number | null =>
      seen[peer] ? median(seen[name]!.map((value, i) => value / seen[peer]![i]!)) : null;
    return {
      fields,
      assayReasons: rate('assayReasons') ?? 0,
      assayPd: rate('assayPd') ?? 0,
      fastapiReasons: rate('fastapiReasons'),
      fastapiPd: rate('fastapiPd'),
      bareFastify: rate('bareFastify') ?? 0,
      bareNode: rate('bareNode') ?? 0,
      reasonsRatio: ratio('assayReasons', 'fastapiReasons'),
      pdRatio: ratio('assayPd', 'fastapiPd'),
      shareOfBareFastify: ratio('assayPd', 'bareFastify') ?? 0,
      shareOfBareNode: ratio('assayPd', 'bareNode') ?? 0,
    };
  } finally {
    for (const child of children) child.connected ? child.disconnect() : child.kill();
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    await rm(directory, { recursive: true, force: true });
  }
}

async function startTargets(directory: string, children: ChildProcess[]) {
  const model = await openBenchModel();
  const { inputs } = model.compiled;
  const fittedPath = join(directory, 'fitted.json');
  const modelPath = join(directory, 'model.json');
  await writeFile(modelPath, model.modelJson);
  await writeFile(
    fittedPath,
    JSON.stringify({ kind: 'trees', estimator: 'boosted', inputs, modelJson: model.modelJson, rounds: 300 }),
  );
  await model.close();
  const matrix = syntheticBook(ROWS, 71);
  const rows = Array.from({ length: ROWS }, (_, r) =>
    inputs.map(({ name }, c) => [name, orNull(matrix.values[r * inputs.length + c]!)] as const),
  );
  const assay = await started(
    children,
    fork(join(import.meta.dirname, 'support/flat-server.ts'), [fittedPath], {
      env: {
        ...process.env,
        ...{ ASSAY_HOME: join(directory, 'home'), PORT: '0', ASSAY_NTHREAD: '1', ASSAY_LOG_LEVEL: 'error' },
        ASSAY_SEED_PASSWORD: PASSWORD,
      },
    }),
  );
  const authorization = `Bearer ${await signIn(assay)}`;
  const applications = rows.map((row, i) =>
    JSON.stringify({
      borrowerId: `B${i}`,
      attributes: Object.fromEntries(
        row.map(([name, value], c) => [
          name,
          inputs[c]!.kind === 'categorical' && value !== null ? String(value) : value,
        ]),
      ),
    }),
  );
  const flat = rows.map((row) => JSON.stringify(Object.fromEntries(row)));
  const targets: Record<string, Target> = {
    assayReasons: { url: `${assay}/api/v1/scores`, bodies: applications, headers: { authorization } },
    assayPd: { url: `${assay}/api/v1/scores?reasons=false`, bodies: applications, headers: { authorization } },
  };
  const answer = await answerOf(targets['assayPd']!);
  for (const [name, kind] of [
    ['bareFastify', 'fastify'],
    ['bareNode', 'node:http'],
  ] as const) {
    const script = join(import.meta.dirname, 'support/bare-server.ts');
    targets[name] = { url: await started(children, fork(script, [kind, answer])), bodies: flat, headers: {} };
  }
  const fastapi = await startFastApi(directory, modelPath, matrix, children);
  if (fastapi) {
    targets['fastapiReasons'] = { url: `${fastapi}/reasons`, bodies: flat, headers: {} };
    targets['fastapiPd'] = { url: `${fastapi}/pd`, bodies: flat, headers: {} };
  }
  return { targets, fields: inputs.length };
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : Number(value.toPrecision(7)));

async function started(children: ChildProcess[], child: ChildProcess): Promise<string> {
  children.push(child);
  const [url] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['' as unknown])]);
  if (typeof url === 'string' && url !== '') return url;
  throw new Error('a server of the bench did not start');
}

async function signIn(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'underwriter', password: PASSWORD }),
  });
  return ((await answer.json()) as { token: string }).token;
}

async function answerOf({ url, bodies, headers }: Target): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: bodies[0]!,
  });
  return answer.text();
}

/** Undefined where Python has no FastAPI. */
async function startFastApi(
  directory: string,
  modelPath: string,
  matrix: { readonly featureNames: readonly string[]; readonly featureTypes: readonly string[] },
  children: ChildProcess[],
): Promise<string | undefined> {
  const port = 20_000 + (process.pid % 20_000);
  const columns = join(directory, 'columns.json');
  await writeFile(columns, JSON.stringify({ names: matrix.featureNames, types: matrix.featureTypes }));
  const script = join(import.meta.dirname, '../python/reference/serve_fastapi.py');
  const child = spawn(process.env['ASSAY_PYTHON'] ?? 'python3', [script, modelPath, columns, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (let i = 0; i < 150 && child.exitCode === null; i++) {
    const up = await fetch(`http://127.0.0.1:${port}/openapi.json`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (up) {
      children.push(child);
      return `http://127.0.0.1:${port}`;
    }
    await sleep(200);
  }
  child.kill();
  return undefined;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, seconds: { type: 'string' }, rounds: { type: 'string' } },
  });
  const result = await benchHttp({ seconds: Number(values.seconds ?? 4), rounds: Number(values.rounds ?? 3) });
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result);
}
