/**
 * The SageMaker container, as a process of its own on a root laid out like /opt/ml: it trains from the snapshot of a lake, writes a
 * signed model, serves it on `/ping` and `/invocations` in three formats with the very numbers of the scorer, and says on refusal
 * what was wrong. Also a model of the built-in algorithm. Not tested here: the image itself, SageMaker.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadPortfolio } from '../../portfolios/index.ts';
import type { FeatureRow } from '../../src/domain/index.ts';
import { modelJsonToUbjson, openArtifact } from '../../src/estimators/index.ts';
import { buildFeatures, buildSnapshot, readSnapshot, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  findXgboost,
  fixedClock,
  loadConfig,
  openLocalLake,
  openSigner,
  openWarehouse,
  openXgboostEngine,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { createScorer, type Scorer } from '../../src/scoring/index.ts';

const MAIN = join(REPOSITORY_ROOT, 'src/entrypoints/sagemaker/main.ts');
const library = await findXgboost(loadConfig(process.env, process.cwd()));

type Answer = { readonly status: number; readonly type: string; readonly text: string };

describe('the SageMaker container', () => {
  let root = '';
  let home = '';
  let keyId = '';
  let rows: FeatureRow[] = [];
  let server: { url: string; child: ChildProcess } | undefined;

  const environment = (more: Record<string, string> = {}) => ({
    ...process.env,
    ASSAY_SAGEMAKER_ROOT: root,
    ASSAY_HOME: home,
    ASSAY_NTHREAD: '1',
    HOST: '127.0.0.1',
    PORT: '0',
    ...more,
  });
  const run = (command: string, more: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [MAIN, command], { env: environment(more) });
  const trained = async (): Promise<Scorer> => {
    const directory = join(root, 'model');
    const names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
    const files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
    );
    const { manifest, fitted } = openArtifact(files, (bytes, signed) => openSigner(home).verify(bytes, signed));
    return createScorer(manifest, fitted);
  };
  const invoke = async (body: string, type: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const answer = await fetch(`${server?.url}/invocations`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...headers },
    });
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
  const hyperparameters = (values: object): Promise<void> =>
    writeFile(join(root, 'input/config/hyperparameters.json'), JSON.stringify(values));

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'assay-ml-'));
    home = await mkdtemp(join(tmpdir(), 'assay-sagemaker-'));
    openSigner(home);
    keyId = /signing-(\w+)\.pub/.exec((await readdir(join(home, 'keys'))).join())?.[1] ?? '';
    rows = await fillChannel(join(root, 'input/data/training'), home);
    await mkdir(join(root, 'input/config'), { recursive: true });
  });
  after(async () => {
    server?.child.kill();
    await rm(root, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  });

  it('says in output/failure why it could not train', async () => {
    await hyperparameters({ portfolio: 'german-credit', estimator: 'oracle', sagemaker_region: 'eu-central-1' });
    await assert.rejects(run('train'));
    assert.match(await readFile(join(root, 'output/failure'), 'utf8'), /estimator.*allowed: portfolio, estimator/);
    await hyperparameters({ portfolio: 'simulated-bank', estimator: 'scorecard', depht: '3' });
    await assert.rejects(run('train'));
    assert.match(await readFile(join(root, 'output/failure'), 'utf8'), /depht: is not known/);
    await rm(join(root, 'output'), { recursive: true });
  });

  it('trains the snapshot of its channel into a signed model with its predictions', async () => {
    await hyperparameters({ portfolio: 'simulated-bank', estimator: 'scorecard' });
    const { stdout } = await run('train');
    const scorer = await trained();
    assert.match(stdout, new RegExp(`out_of_fold:auc=0\\.\\d+[^]*trained ${scorer.modelVersion}`));
    const model = await readdir(join(root, 'model'));
    assert.deepEqual(
      [...model].sort(),
      ['document.html', 'manifest.json', 'model.json', 'signature.json', `signing-${keyId}.pub.pem`].sort(),
    );
    assert.deepEqual((await readdir(join(root, 'output/data/predictions'))).sort(), [
      'scorecard.json',
      'scorecard.parquet',
    ]);
  });

  it('does not serve a model whose key nobody trusts', async () => {
    await assert.rejects(run('serve'), /not trusted here.*ASSAY_TRUSTED_KEY_IDS/);
    await assert.rejects(run('serve', { ASSAY_TRUSTED_KEY_IDS: '0123456789abcdef' }), /not trusted here/);
  });

  it('serves it: ping, and the numbers of the scorer in three formats', async () => {
    server = await start(environment({ ASSAY_TRUSTED_KEY_IDS: keyId }));
    const ping = await fetch(`${server.url}/ping`);
    assert.deepEqual([ping.status, await ping.text()], [200, '']);
    const scorer = await trained();
    const expected = rows.map((row) => scorer.score(row));
    const json = await invoke(JSON.stringify({ instances: rows }), 'application/json');
    assert.equal(json.status, 200, json.text);
    const { predictions, modelVersion } = JSON.parse(json.text);
    assert.equal(modelVersion, scorer.modelVersion);
    assert.deepEqual(
      predictions,
      expected.map(({ pd, score, grade, margin }) => ({ pd, score, grade, margin })),
    );
    const lines = await invoke(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`, 'application/jsonlines');
    assert.deepEqual(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).pd),
      expected.map(({ pd }) => pd),
    );
    const cells = rows.map((row) => scorer.inputs.map(({ name }) => cellOf(row[name] ?? null)).join(','));
    const csv = await invoke(cells.join('\n'), 'text/csv');
    assert.deepEqual([csv.type, csv.text.trim().split('\n').map(Number)], ['text/csv', expected.map(({ pd }) => pd)]);
  });

  it('gives reasons when asked, in the body or by header', async () => {
    const { reasons } = (await trained()).score(rows[0]!);
    const expected = reasons.map(({ code, text, feature, points }) => ({ code, text, feature, points }));
    const body = await invoke(JSON.stringify({ instances: [rows[0]], reasons: true }), 'application/json');
    assert.deepEqual(JSON.parse(body.text).predictions[0].reasons, expected);
    const header = await invoke(JSON.stringify(rows[0]), 'application/json', {
      'x-amzn-sagemaker-custom-attributes': 'reasons=true',
    });
    assert.deepEqual(JSON.parse(header.text).reasons, expected);
  });

  it('refuses what it cannot read, naming the place', async () => {
    const name = (await trained()).inputs[0]!.name;
    const refusals: [string, string, RegExp][] = [
      ['{', 'application/json', /not JSON/],
      [
        JSON.stringify({ instances: [{ ...rows[0], [name]: undefined }] }),
        'application/json',
        /instances\[0\]\.\w+: is not there/,
      ],
      [JSON.stringify([{ ...rows[0], [name]: 'much' }]), 'application/json', /must be a finite number/],
      [JSON.stringify([rows[0], [1, 2]]), 'application/json', /\[1\]: has 2 values/],
      [`${JSON.stringify(rows[0])}\n{"a":1e400}`, 'application/jsonlines', /\[1\]: .*not finite/],
      ['1,2,3', 'text/csv', /\[0\]: has 3 cells/],
      ['[]', 'application/json', /0 rows/],
    ];
    for (const [body, type, expected] of refusals) {
      const answer = await invoke(body, type);
      assert.equal(answer.status, 400, answer.text);
      assert.match(JSON.parse(answer.text).detail, expected);
    }
    assert.equal((await invoke('x', 'application/x-thing')).status, 415);
    assert.equal((await invoke('[{}]', 'application/json', { accept: 'image/png' })).status, 400);
  });

  it('stops on SIGTERM', async () => {
    const { child } = server!;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('serves a model of the built-in algorithm, when told to', {
    skip: !library && 'libxgboost is not installed',
  }, async () => {
    await rm(join(root, 'model'), { recursive: true });
    await mkdir(join(root, 'model'));
    const { bytes, margins, values } = await trainBuiltIn(home);
    await writeFile(join(root, 'model/xgboost-model'), bytes);
    await assert.rejects(run('serve'), /not signed.*ASSAY_UNSIGNED_MODELS/);
    server = await start(environment({ ASSAY_UNSIGNED_MODELS: 'allow' }));
    const answer = await invoke(
      values.map((row) => row.map((x) => (Number.isNaN(x) ? '' : x)).join(',')).join('\n'),
      'text/csv',
      {
        accept: 'application/jsonlines',
      },
    );
    assert.deepEqual(
      answer.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).margin),
      [...margins],
    );
  });
});

const cellOf = (value: number | string | null): string => (value === null ? '' : String(value));

async function start(env: NodeJS.ProcessEnv): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    child.stdout?.on('data', (text: Buffer) => {
      const found = /at (http:\S+)/.exec(String(text));
      if (found?.[1]) resolve(found[1]);
    });
  });
  return { url, child };
}

/** A small bank through ingestion, features and snapshot; its training folder becomes the channel. Gives a few feature rows. */
async function fillChannel(channel: string, home: string): Promise<FeatureRow[]> {
  const warehouse = await openWarehouse({ threads: 1 });
  const portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 5, borrowers: 900 });
  const lake = openLocalLake(join(home, 'lake'));
  await ingestPortfolio({
    portfolio,
    dataDirectory,
    lake,
    warehouse,
    clock: fixedClock(new Date('2026-01-01T00:00:00Z')),
  });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  await buildSnapshot({ warehouse, lake, split: portfolio.split });
  await cp(lake.path('modeled/training'), channel, { recursive: true });
  const { frame } = await readSnapshot({ warehouse, lake });
  await warehouse.close();
  return [0, 1, 2, 3, 4, 5].map((row) =>
    Object.fromEntries(
      frame.columns.map((column) => {
        if (column.kind === 'numeric')
          return [column.name, Number.isNaN(column.values[row]) ? null : column.values[row]!];
        return [column.name, column.levels[column.codes[row]!] ?? null];
      }),
    ),
  );
}

/** What SageMaker's built-in algorithm leaves: numbers only, no names of features, UBJSON. */
async function trainBuiltIn(home: string) {
  const engine = await openXgboostEngine({
    libraryPath: library ?? '',
    nthread: 1,
    scratchDirectory: join(home, 'tmp'),
  });
  const rowCount = 500;
  const values = Float32Array.from({ length: rowCount * 3 }, (_, i) =>
    (i * 7919) % 101 < 5 ? Number.NaN : (i * 7919) % 101,
  );
  const matrix = {
    values,
    rowCount,
    columnCount: 3,
    featureNames: ['a', 'b', 'c'],
    featureTypes: ['q', 'q', 'q'] as const,
    labels: Float32Array.from({ length: rowCount }, (_, i) => (i % 3 === 0 ? 1 : 0)),
  };
  const parameters = { objective: 'binary:logistic', max_depth: '4', seed: '1', nthread: '1' };
  const { modelJson } = await engine.train({ train: matrix, parameters, rounds: 20 });
  const margins = await engine.margins(modelJson, matrix);
  await engine.close();
  const document = JSON.parse(modelJson);
  document.learner.feature_names = [];
  document.learner.feature_types = [];
  return {
    bytes: modelJsonToUbjson(JSON.stringify(document)),
    margins,
    values: Array.from({ length: rowCount }, (_, row) => [...values.subarray(row * 3, row * 3 + 3)]),
  };
}
