/**
 * `assay cloud migrate` on a data directory in use, into an emulated S3 and an empty PostgreSQL: every row, object and checkpoint is there,
 * the record verifies from the new place without the old one, the champion opens; the command run again copies nothing, goes on after a kill
 * in the middle, and refuses a database that holds something else. Not tested here: the keys' way into their secrets, AWS.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { AssayError } from '../../src/domain/index.ts';
import { verifyCommand } from '../../src/entrypoints/audit.ts';
import { type Migrated, migrateToCloud } from '../../src/entrypoints/cloud/migrate.ts';
import type { CommandContext } from '../../src/entrypoints/context.ts';
import { createLog, EmbeddedStream, loadConfig, type OpenDatabase, openDatabase } from '../../src/platform/index.ts';
import { signedIn } from '../flow/support/call.ts';
import { tinyPortfolio } from '../flow/support/tiny-book.ts';
import { fillTinyLake } from '../flow/support/tiny-lake.ts';
import { startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { urlOf } from './support/database-url.ts';
import { type Emulator, ministack, REGION, versitygw } from './support/emulator.ts';

const kind = versitygw.skip === false ? versitygw : ministack;
const clock = { now: () => new Date() };

describe(`an installation moves to S3 (${kind.name}) and another PostgreSQL`, { skip: kind.skip }, () => {
  let folder = '';
  let emulator: Emulator;
  let server: TinyServer;
  let target: OpenDatabase;
  const call = signedIn(() => server);
  const saved = { ...process.env };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-move-'));
    emulator = await kind.start();
    const { endpoint, credentials } = emulator;
    Object.assign(process.env, {
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: REGION },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    });
    const client = new S3Client({ forcePathStyle: true });
    for (const Bucket of ['lake', 'audit-bucket']) await client.send(new CreateBucketCommand({ Bucket }));
    client.destroy();
    server = await startTinyServer({ databasePort: 4797 });
    await fillTinyLake(server.lake, server.models, clock);
    for (let i = 0; i < 3; i++) {
      const attributes = { arrears: i, purpose: 'car', income_minor: 900_000 };
      const body = { borrowerId: `b${i}`, amountMinor: 100_000, attributes };
      assert.equal((await call('underwriter', 'POST', '/applications', body)).status, 201);
    }
    const stream = await EmbeddedStream.open({ database: server.database, clock, name: 'events' });
    await stream.putRecords([{ partitionKey: 'b1', data: Buffer.from([0, 255, 10, 39, 92]) }]);
    const config = loadConfig({ ASSAY_HOME: join(folder, 'database'), ASSAY_LOG_LEVEL: 'silent' }, folder);
    target = await openDatabase(config, { log: createLog(config) });
  });
  after(async () => {
    process.env = saved;
    await target?.close();
    await server?.stop();
    await emulator?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const there = (home: string) =>
    loadConfig(
      {
        ...{ ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent', ASSAY_NTHREAD: '1', DATABASE_URL: urlOf(target) },
        ...{ ASSAY_LAKE_URL: 's3://lake/books', ASSAY_AUDIT_URL: 's3://audit-bucket/checkpoints' },
      },
      folder,
    );
  const contextWith = (signal: AbortSignal, printed: string[], onError?: (text: string) => void): CommandContext => ({
    ...{ environment: process.env, workingDirectory: folder, clock, signal, isTerminal: false },
    print: (text) => printed.push(text),
    printError: (text) => onError?.(text),
  });
  const migrate = async (
    signal = new AbortController().signal,
    onError?: (text: string) => void,
  ): Promise<Migrated> => {
    const printed: string[] = [];
    await migrateToCloud(contextWith(signal, printed, onError), there(server.home), { json: true });
    return JSON.parse(printed.join(''));
  };

  test('stopped in the middle it leaves no row; run again all is there, and once more nothing is copied', async () => {
    const stop = new AbortController();
    const stopAt = (text: string): void => (text.includes('decisions:') ? stop.abort() : undefined);
    await assert.rejects(migrate(stop.signal, stopAt), (e) => e instanceof AssayError && e.code === 'cancelled');
    const [left] = await target.database.query<{ n: number }>('SELECT count(*) AS n FROM decisions');
    assert.equal(left?.n, 0);
    const first = await migrate();
    const moved = (name: string) => first.tables.find(({ table }) => table === name);
    assert.deepEqual([moved('decisions')?.rows, moved('decisions')?.wasThere], [3, false]);
    assert.equal(moved('stream_batches')?.rows, 1);
    assert.ok((moved('users')?.rows ?? 0) >= 7);
    assert.ok((first.checkpoints ?? 0) >= 1);
    const lake = first.lakes[tinyPortfolio.name]!;
    assert.ok(lake.objects > 10 && lake.wereThere === lake.objects, 'objects of the stopped run stand');
    const again = await migrate();
    assert.ok(again.tables.every(({ wasThere }) => wasThere));
    const batches = `SELECT payload FROM stream_batches`;
    assert.deepEqual(await target.database.query(batches), await server.database.query(batches));
  });

  test('the record verifies from there, on a machine that has the keys alone', async () => {
    const home = join(folder, 'machine');
    await cp(join(server.home, 'keys'), join(home, 'keys'), { recursive: true });
    const printed: string[] = [];
    const found = await verifyCommand(contextWith(new AbortController().signal, printed), there(home), {});
    assert.equal(found, true, printed.join('\n'));
    assert.match(printed.join('\n'), /nothing was changed \([1-9]/);
  });

  test('a database that holds something else is refused by the name of the table, and stays as it is', async () => {
    await server.database.query(`UPDATE users SET display_name = 'Another' WHERE username = 'modeller'`);
    await assert.rejects(migrate(), (e) => e instanceof AssayError && e.code === 'conflict' && /users/.test(e.message));
    const [user] = await target.database.query(`SELECT display_name FROM users WHERE username = 'modeller'`);
    assert.deepEqual(user, { display_name: 'Modeller' });
  });
});
