/**
 * The cloud parts together, on an emulator with real processes: events put into Kinesis reach the online store and the raw zone by way of
 * the Lambda consumer (repeats once, wrong ones as dead letters with their reason), and the state machine with its cloud resources
 * runs every state as a Lambda function until the marts are in S3, the approval by a task token. Each resource is asked through its own API. Not tested here: Glue
 * inside Step Functions (features-machine.test.ts runs its states), permissions, throttling, AWS.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { crc32, deflateRawSync } from 'node:zlib';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  cloudDefinition,
  lambdaTarget,
  RESULT_SELECTORS,
  taskNames,
  waitingTarget,
} from '../../infra/src/state-machine.ts';
import { ELSEWHERE } from '../../src/pipeline/index.ts';
import { createLog, loadConfig, type OpenDatabase, openDatabase, REPOSITORY_ROOT } from '../../src/platform/index.ts';
import { urlOf } from './support/database-url.ts';
import { type Emulator, ministack, REGION } from './support/emulator.ts';
import { makeKeys } from './support/keys.ts';

const BUCKET = 'assay-lake';
const STREAM = 'assay-events';
const WAIT_MS = 240_000;

describe('the cloud parts on an emulator', { skip: ministack.skip }, () => {
  let emulator: Emulator;
  let opened: OpenDatabase;
  let folder = '';
  let clients: { s3: S3Client; kinesis: KinesisClient; sfn: SFNClient };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-emulator-'));
    const local = loadConfig(
      { ...process.env, ASSAY_HOME: join(folder, 'database'), ASSAY_LOG_LEVEL: 'silent' },
      folder,
    );
    opened = await openDatabase(local, { log: createLog(local) });
    await makeKeys(join(folder, 'home'));
    // Functions run under the Node of these tests.
    emulator = await ministack.start({ PATH: `${dirname(process.execPath)}:${process.env['PATH']}` });
    const { endpoint, credentials } = emulator;
    const common = { endpoint, credentials, region: REGION };
    clients = {
      s3: new S3Client({ ...common, forcePathStyle: true }),
      kinesis: new KinesisClient(common),
      sfn: new SFNClient(common),
    };
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await clients.kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  });
  after(async () => {
    for (const client of Object.values(clients ?? {})) client.destroy();
    await emulator?.stop();
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const lambda = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const scope = `${emulator.credentials.accessKeyId}/20260101/${REGION}/lambda/aws4_request`;
    const headers = { 'content-type': 'application/json', authorization: `AWS4-HMAC-SHA256 Credential=${scope}` };
    const answer = await fetch(`${emulator.endpoint}/2015-03-31${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return JSON.parse((await answer.text()) || '{}');
  };
  const makeFunction = async (name: string, text?: string): Promise<string> => {
    const code =
      text ??
      `export { handler } from ${JSON.stringify(join(REPOSITORY_ROOT, 'src/entrypoints/lambdas', `${name}.ts`))};\n`;
    const home = join(folder, `home-${name}`);
    await cp(join(folder, 'home'), home, { recursive: true });
    const { FunctionArn } = await lambda('POST', '/functions', {
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/any',
      Handler: 'index.handler',
      Timeout: 300,
      Code: { ZipFile: zipOf('index.mjs', code).toString('base64') },
      Environment: {
        Variables: {
          ASSAY_HOME: home,
          ASSAY_LAKE_URL: `s3://${BUCKET}/books`,
          ASSAY_PORTFOLIO: 'simulated-bank',
          ASSAY_NTHREAD: '1',
          ASSAY_LOG_LEVEL: 'silent',
          DATABASE_URL: urlOf(opened),
          AWS_ENDPOINT_URL: emulator.endpoint,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: emulator.credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: emulator.credentials.secretAccessKey,
        },
      },
    });
    return String(FunctionArn);
  };
  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += 500) {
      const found = await look();
      if (found !== undefined) return found;
      await setTimeout(500);
    }
    throw new Error(`${what} did not come within ${WAIT_MS / 1000} s`);
  };

  it('the state machine runs every state as a function, until the marts are in S3', async () => {
    const step = await makeFunction('step');
    const text = await readFile(join(REPOSITORY_ROOT, 'src/pipeline/credit-risk.asl.json'), 'utf8');
    const nothing = await makeFunction('nothing', 'export const handler = async () => ({});\n');
    const approve = waitingTarget(await makeFunction('approve'));
    const targets = taskNames(text).map((name) => {
      if (name === 'AwaitApproval') return [name, approve] as const;
      if (ELSEWHERE[name]) return [name, lambdaTarget(nothing)] as const;
      const selector = RESULT_SELECTORS[name];
      return [name, { ...lambdaTarget(step), ...(selector && { ResultSelector: selector }) }] as const;
    });
    const definition = cloudDefinition(text, Object.fromEntries(targets));
    const roleArn = 'arn:aws:iam::000000000000:role/any';
    const { stateMachineArn } = await clients.sfn.send(
      new CreateStateMachineCommand({ name: 'pipeline', definition, roleArn }),
    );
    const input = JSON.stringify({
      portfolio: 'simulated-bank',
      estimators: ['scorecard'],
      limits: { rejectedShare: 0.05 },
      borrowers: 900,
    });
    const { executionArn } = await clients.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: 'night', input }),
    );
    const execution = await until('the end of the execution', async () => {
      const found = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
      return found.status === 'RUNNING' ? undefined : found;
    });
    const runs = await opened.database.query('SELECT status, error FROM pipeline_runs');
    assert.deepEqual(runs, [{ status: 'succeeded', error: null }]);
    assert.equal(execution.status, 'SUCCEEDED', `${execution.error} ${execution.cause}`);
    const { approval } = JSON.parse(execution.output ?? '{}');
    const [champion] = await opened.database.query(
      `SELECT model_version FROM model_versions WHERE status = 'champion'`,
    );
    assert.equal(approval.modelVersion, champion?.['model_version']);
    assert.equal(approval.decision, 'approved_without_endpoint');
    const { Contents = [] } = await clients.s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'books/simulated-bank/versions/' }),
    );
    for (const file of ['months.parquet', 'grades.parquet', 'scores.parquet', 'features.parquet', 'manifest.json'])
      assert.ok(
        Contents.some(({ Key }) => Key?.endsWith(`/${file}`)),
        file,
      );
  });

  it('events put into Kinesis come to the online store once, wrong ones to the dead letters', async () => {
    const consume = await makeFunction('consume');
    const { StreamDescriptionSummary } = await clients.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: STREAM }),
    );
    await lambda('POST', '/event-source-mappings/', {
      FunctionName: consume,
      EventSourceArn: StreamDescriptionSummary?.StreamARN,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
    });
    const events = [
      ...Array.from({ length: 20 }, (_, i) => transaction(i)),
      transaction(3),
      { source: 'nonsense', payload: {} },
      'no event',
    ];
    const Records = events.map((event) => ({
      PartitionKey: 'B1',
      Data: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
    }));
    const { FailedRecordCount } = await clients.kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
    assert.equal(FailedRecordCount ?? 0, 0);
    const letters = await until('the dead letters', async () => {
      const rows = await opened.database.query<{ stage: string; reason: string }>(
        'SELECT stage, reason FROM dead_letters ORDER BY reason',
      );
      return rows.length < 2 ? undefined : rows;
    });
    assert.deepEqual(
      letters.map(({ stage }) => stage),
      ['consumer', 'consumer'],
    );
    // what could not be read is kept in a transaction before that of the facts
    await until('the facts', async () => {
      const [facts] = await opened.database.query<{ n: string }>('SELECT COUNT(*) AS n FROM online_tail');
      assert.ok(Number(facts?.n) <= 20);
      return Number(facts?.n) === 20 || undefined;
    });
    const { Contents = [] } = await clients.s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'books/simulated-bank/data/raw/stream/' }),
    );
    assert.ok(Contents.length >= 1);
  });
});

const transaction = (i: number) => ({
  source: 'table:transactions',
  eventId: `e${i}`,
  payload: {
    transaction_id: `K${i}`,
    account_id: 'A-K',
    borrower_id: 'B-K',
    occurred_at: `2024-05-01T10:00:${String(i).padStart(2, '0')}Z`,
    known_at: '2024-05-01T11:00:00Z',
    amount_minor: 1000 + i,
    channel: 'transfer',
    category: 'salary',
  },
});

/** A ZIP archive of one file. */
function zipOf(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const packed = deflateRawSync(content);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0', 'latin1'),
    fields,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
