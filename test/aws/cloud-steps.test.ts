/**
 * The pipeline as the cloud runs it: each Task state in a process of its own with an empty data directory, orchestrated from outside
 * by the one state machine document, the training one as a job of the container, lake, models and landed files in S3 (emulated), rows in PostgreSQL. It gives the champion, the
 * snapshot and the scores that one machine gives, the keys that fraud checks look at and the sealed traits; a second execution repeats nothing; and the lake can be read by a server
 * elsewhere. Not tested here: Step Functions, Lambda and Glue themselves (emulator.test.ts), AWS.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import { loadPortfolio } from '../../portfolios/index.ts';
import { signingKeyOf } from '../../src/entrypoints/cloud/models.ts';
import { openModelDirectory } from '../../src/entrypoints/sagemaker/open-model.ts';
import { ELSEWHERE } from '../../src/pipeline/index.ts';
import {
  createLog,
  type JsonValue,
  loadConfig,
  type OpenDatabase,
  openDatabase,
  openLake,
  openSealedZone,
  openWarehouse,
  REPOSITORY_ROOT,
  runStateMachine,
  taskStates,
  unpackTarGz,
} from '../../src/platform/index.ts';
import { SCORES_KEY } from '../../src/scoring/index.ts';
import { urlOf } from './support/database-url.ts';
import { type Emulator, ministack, REGION, versitygw } from './support/emulator.ts';
import { makeKeys } from './support/keys.ts';

const kind = versitygw.skip === false ? versitygw : ministack;
const BORROWERS = 900;
const MAIN = join(REPOSITORY_ROOT, 'src/entrypoints/cloud/main.ts');
const CONTAINER = join(REPOSITORY_ROOT, 'src/entrypoints/sagemaker/main.ts');
const jobSchema = z.object({
  estimator: z.string(),
  portfolio: z.string(),
  snapshot: z.looseObject({ trainingUri: z.string() }),
});
const DOCUMENT = join(REPOSITORY_ROOT, 'src/pipeline/credit-risk.asl.json');

describe('the pipeline, a machine a step', { skip: kind.skip }, () => {
  let emulator: Emulator;
  let opened: OpenDatabase;
  let folder = '';
  let environment: Record<string, string | undefined> = {};
  let homes = 0;
  let client: S3Client;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-cloud-'));
    emulator = await kind.start();
    const { endpoint, credentials } = emulator;
    client = new S3Client({ endpoint, credentials, region: REGION, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'assay-lake' }));
    const local = loadConfig({ ...process.env, ASSAY_HOME: join(folder, 'database') }, folder);
    opened = await openDatabase(local, { log: createLog(local) });
    await makeKeys(join(folder, 'signing'));
    environment = {
      ...process.env,
      DATABASE_URL: urlOf(opened),
      ASSAY_LAKE_URL: 's3://assay-lake/books',
      ASSAY_NTHREAD: '1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
  });
  after(async () => {
    await opened?.close();
    await emulator?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A fresh machine: nothing on it but the keys. */
  const machine = async (): Promise<string> => {
    const home = join(folder, `machine-${homes++}`);
    await cp(join(folder, 'signing'), home, { recursive: true });
    return home;
  };
  /** As SageMaker does it: the channel from S3, the container's program, what it left packed into S3. */
  const trainAsJob = async (input: JsonValue): Promise<JsonValue> => {
    const { estimator, portfolio, snapshot } = jobSchema.parse(input);
    const root = join(folder, `job-${homes}`);
    const channel = join(root, 'input/data/training');
    await mkdir(channel, { recursive: true });
    await mkdir(join(root, 'input/config'), { recursive: true });
    await writeFile(join(root, 'input/config/hyperparameters.json'), JSON.stringify({ portfolio, estimator }));
    const prefix = snapshot.trainingUri.slice('s3://assay-lake/'.length);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'assay-lake', Prefix: prefix }));
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'assay-lake', Key }));
      await writeFile(join(channel, Key.split('/').at(-1)!), (await Body?.transformToByteArray()) ?? '');
    }
    const env = { ...environment, ASSAY_HOME: await machine(), ASSAY_SAGEMAKER_ROOT: root };
    await promisify(execFile)(process.execPath, [CONTAINER, 'train'], { env });
    const uris = { modelUri: 'model', outputUri: 'output/data' };
    for (const [name, from] of Object.entries(uris)) {
      const { stdout } = await promisify(execFile)('tar', ['czf', '-', '-C', join(root, from), '.'], {
        encoding: 'buffer',
        maxBuffer: 1 << 28,
      });
      await client.send(new PutObjectCommand({ Bucket: 'assay-lake', Key: `jobs/${name}.tar.gz`, Body: stdout }));
    }
    return {
      jobName: 'assay-scorecard-1',
      modelUri: 's3://assay-lake/jobs/modelUri.tar.gz',
      outputUri: 's3://assay-lake/jobs/outputUri.tar.gz',
    };
  };
  const execute = async (executionId: string, training: 'job' | 'step'): Promise<JsonValue> => {
    const definition = await readFile(DOCUMENT, 'utf8');
    const handlers = taskStates(JSON.parse(definition)).map(({ name }) => {
      const elsewhere = ELSEWHERE[name];
      if (elsewhere) return [name, async () => elsewhere] as const;
      const handler = async (input: JsonValue): Promise<JsonValue> => {
        if (name === 'TrainEstimator' && training === 'job') return trainAsJob(input);
        const home = await machine();
        const env = {
          ...environment,
          ASSAY_HOME: home,
          ASSAY_STEP: JSON.stringify({ state: name, executionId, input }),
        };
        const { stdout } = await promisify(execFile)(process.execPath, [MAIN], { env, maxBuffer: 1 << 24 });
        await rm(home, { recursive: true, force: true });
        return JSON.parse(stdout);
      };
      return [name, handler] as const;
    });
    const input = {
      portfolio: 'simulated-bank',
      estimators: ['scorecard'],
      limits: { rejectedShare: 0.05 },
      borrowers: BORROWERS,
    };
    return runStateMachine({ definition, input, handlers: Object.fromEntries(handlers) });
  };
  const statuses = async (executionId: string): Promise<string[]> => {
    const sql = 'SELECT step, status FROM pipeline_run_steps WHERE run_id = $1 ORDER BY position';
    const rows = await opened.database.query<{ step: string; status: string }>(sql, [executionId]);
    return rows.map(({ step, status }) => `${step} ${status}`);
  };

  it('runs every state, each where the others left nothing but S3 and rows', async () => {
    await execute('first', 'job').catch(() => {});

    const run = await opened.database.query(`SELECT status, error FROM pipeline_runs WHERE run_id = 'first'`);
    assert.deepEqual(run, [{ status: 'succeeded', error: null }]);
    assert.ok(
      (await statuses('first')).every((line) => line.endsWith(' succeeded')),
      String(await statuses('first')),
    );
  });

  it('repeats nothing for the same input, and a step trains the version that the job made', async () => {
    await execute('second', 'step');
    const again = ['TrainEstimator succeeded', 'RegisterModel succeeded', 'SelectChampion succeeded'];
    assert.deepEqual(
      (await statuses('second')).filter((line) => !line.endsWith(' reused')),
      again,
    );
    assert.equal((await opened.database.query('SELECT 1 FROM model_versions')).length, 1);
  });

  it('fills the keys of fraud checks and seals protected traits, under the keys it was given', async () => {
    const [links] = await opened.database.query<{ n: string }>('SELECT COUNT(*) AS n FROM fraud_links');
    assert.ok(Number(links?.n) > 0);
    Object.assign(process.env, { ...environment });
    const home = await machine();
    const lake = await openLake(loadConfig({ ...environment, ASSAY_HOME: home }, folder), 'simulated-bank', []);
    const sealed = openSealedZone({ lake, home });
    const [name] = await sealed.list();
    assert.equal(
      Buffer.from(await sealed.get(name!.replace('sealed/', '')))
        .subarray(0, 4)
        .toString(),
      'PAR1',
    );
  });

  it('refuses a machine without the keys, before it makes some of its own', async () => {
    const home = join(folder, 'no-keys');
    const input = { portfolio: 'simulated-bank' };
    const step = JSON.stringify({ state: 'LandRaw', executionId: 'x', input });
    const env = { ...environment, ASSAY_HOME: home, ASSAY_STEP: step };
    await assert.rejects(promisify(execFile)(process.execPath, [MAIN], { env }), /ASSAY_SIGNING_SECRET/);
  });

  it('leaves a lake and a champion that another machine reads', async () => {
    Object.assign(process.env, { ...environment });
    const home = await machine();
    const config = loadConfig({ ...environment, ASSAY_HOME: home }, folder);
    const { name } = await loadPortfolio('simulated-bank');
    const lake = await openLake(config, name);
    const warehouse = await openWarehouse({ threads: 1 });
    const [counted] = await warehouse.rows<{ n: number; models: string }>(
      `SELECT COUNT(*) AS n, ANY_VALUE(model_version) AS models FROM read_parquet('${lake.path(SCORES_KEY)}')`,
    );
    await warehouse.close();
    assert.ok((counted?.n ?? 0) >= BORROWERS);
    const champion = await opened.database.query(`SELECT model_version FROM model_versions WHERE status = 'champion'`);
    assert.deepEqual(champion, [{ model_version: counted?.models }]);
    const packed = await unpackTarGz(await lake.get(`exports/${counted?.models}/model.tar.gz`));
    const directory = join(folder, 'opt-ml-model');
    await mkdir(directory);
    for (const [file, bytes] of Object.entries(packed)) await writeFile(join(directory, file), bytes);
    const keyIds = [signingKeyOf(packed)];
    const served = await openModelDirectory(directory, { keyIds, allowUnsigned: false });
    assert.equal(served.modelVersion, counted?.models);
    assert.deepEqual(
      (await lake.list('models')).map((key) => key.split('/').at(-1)),
      ['document.html', 'manifest.json', 'model.json', 'signature.json'],
    );
  });
});
