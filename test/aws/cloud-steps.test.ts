/**
 * The pipeline as the cloud runs it: each Task state in a process of its own with an empty data directory, orchestrated from outside
 * by the one state machine document, lake, models and landed files in S3 (emulated), rows in PostgreSQL. It gives the champion, the
 * snapshot and the scores that one machine gives; a second execution repeats nothing; and the lake can be read by a server
 * elsewhere. Not tested here: Step Functions, Lambda and Glue themselves (emulator.test.ts), AWS.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { loadPortfolio } from '../../portfolios/index.ts';
import {
  createLog,
  type JsonValue,
  loadConfig,
  type OpenDatabase,
  openDatabase,
  openLake,
  openSigner,
  openWarehouse,
  REPOSITORY_ROOT,
  runStateMachine,
  taskStates,
} from '../../src/platform/index.ts';
import { SCORES_KEY } from '../../src/scoring/index.ts';
import { type Emulator, ministack, REGION, versitygw } from './support/emulator.ts';

const kind = versitygw.skip === false ? versitygw : ministack;
const BORROWERS = 900;
const MAIN = join(REPOSITORY_ROOT, 'src/entrypoints/cloud/main.ts');
const DOCUMENT = join(REPOSITORY_ROOT, 'src/pipeline/credit-risk.asl.json');

function urlOf({ connection }: OpenDatabase): string {
  const { user = '', password = '', host, port, database } = connection;
  return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

describe('the pipeline, a machine a step', { skip: kind.skip }, () => {
  let emulator: Emulator;
  let opened: OpenDatabase;
  let folder = '';
  let environment: Record<string, string | undefined> = {};
  let homes = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-cloud-'));
    emulator = await kind.start();
    const { endpoint, credentials } = emulator;
    const client = new S3Client({ endpoint, credentials, region: REGION, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'assay-lake' }));
    const local = loadConfig({ ...process.env, ASSAY_HOME: join(folder, 'database') }, folder);
    opened = await openDatabase(local, { log: createLog(local) });
    openSigner(join(folder, 'signing'));
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
  const execute = async (executionId: string): Promise<JsonValue> => {
    const definition = await readFile(DOCUMENT, 'utf8');
    const handlers = taskStates(JSON.parse(definition)).map(({ name }) => {
      const handler = async (input: JsonValue): Promise<JsonValue> => {
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
    await execute('first').catch(() => {});

    const run = await opened.database.query(`SELECT status, error FROM pipeline_runs WHERE run_id = 'first'`);
    assert.deepEqual(run, [{ status: 'succeeded', error: null }]);
    assert.ok(
      (await statuses('first')).every((line) => line.endsWith(' succeeded')),
      String(await statuses('first')),
    );
  });

  it('repeats nothing for the same input', async () => {
    await execute('second');
    assert.deepEqual(
      (await statuses('second')).filter((line) => !line.endsWith(' reused')),
      [],
    );
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
    assert.deepEqual(
      (await lake.list('models')).map((key) => key.split('/').at(-1)),
      ['document.html', 'manifest.json', 'model.json', 'signature.json'],
    );
  });
});
