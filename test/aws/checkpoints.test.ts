/**
 * Checkpoints of the record in a bucket, from two machines over one database: one numbering, whoever signs; two that sign at once make one
 * checkpoint; a machine that lost its disk goes on from the bucket; a file begun before the bucket was named is brought there; a
 * line cut off the file is found against the bucket. Not tested here: that AWS keeps what is locked (infra/test asserts the lock).
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  auditFiles,
  systemClock as clock,
  createLog,
  enterAudit,
  LOG_REGISTER,
  loadConfig,
  makeCheckpoint,
  migrate,
  type OpenDatabase,
  openDatabase,
  openSigner,
  REPOSITORY_ROOT,
  s3CheckpointStore,
  verifyAudit,
} from '../../src/platform/index.ts';
import { type Emulator, ministack, REGION, versitygw } from './support/emulator.ts';

const BUCKET = 'assay-audit';
const portfolio = 'book';

for (const kind of [versitygw, ministack]) {
  describe(`checkpoints on ${kind.name}`, { skip: kind.skip }, () => {
    let folder = '';
    let emulator: Emulator;
    let client: S3Client;
    let opened: OpenDatabase;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'assay-checkpoints-'));
      const config = loadConfig({ ASSAY_HOME: join(folder, 'database'), ASSAY_LOG_LEVEL: 'silent' }, folder);
      opened = await openDatabase(config, { log: createLog(config) });
      await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
      emulator = await kind.start();
      const { endpoint, credentials } = emulator;
      client = new S3Client({ endpoint, credentials, region: REGION, forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    });
    after(async () => {
      client?.destroy();
      await emulator?.stop();
      await opened?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const signer = () => openSigner(join(folder, 'signer'));
    const store = () => s3CheckpointStore(client, `s3://${BUCKET}/checkpoints`);
    const write = (subject: string) =>
      opened.database.transaction((inside) =>
        enterAudit(inside, { portfolio, kind: 'master_rotated', subject, actor: 'test', at: clock.now(), data: {} }),
      );
    const optionsOf = (home: string) => ({
      ...{ database: opened.database, home: join(folder, home), portfolio, registers: [LOG_REGISTER] },
      ...{ signer: signer(), clock, newId: () => `log-of-${home}` },
    });
    const sign = (home: string) => makeCheckpoint({ ...optionsOf(home), store: store() });
    const linesOf = async (home: string): Promise<string[]> =>
      (await readFile(auditFiles(join(folder, home), portfolio).checkpoints, 'utf8')).split('\n').slice(0, -1);
    const verify = (home: string, copies: string[] = []) => {
      const { connection } = opened;
      const keys = signer();
      return verifyAudit({ ...optionsOf(home), connection, verify: (b, s) => keys.verify(b, s), threads: 1, copies });
    };

    test('what was signed before the bucket was named comes there, and another machine goes on from it', async () => {
      await write('1');
      await makeCheckpoint(optionsOf('one'));
      await write('2');
      assert.equal((await sign('one'))?.body.number, 2);
      await write('3');
      const third = await sign('two');
      assert.deepEqual([third?.body.number, third?.body.logId], [3, 'log-of-one']);
      await write('4');
      assert.equal((await sign('one'))?.body.number, 4);
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      assert.deepEqual(
        Contents.map(({ Key }) => Key),
        [1, 2, 3, 4].map((n) => `checkpoints/book/000000000${n}.json`),
      );
    });

    test('two that sign at once make one checkpoint', async () => {
      await write('5');
      const made = await Promise.all(['one', 'two', 'three', 'four'].map(sign));
      assert.deepEqual(
        made.flatMap((checkpoint) => checkpoint?.body.number ?? []),
        [5],
      );
    });

    test('a machine without a disk of its own reads the whole file, and the record verifies there', async () => {
      assert.equal(await sign('fresh'), undefined);
      assert.equal((await linesOf('fresh')).length, 5);
      const { ok, checkpoints, findings } = await verify('fresh');
      assert.deepEqual([ok, checkpoints, findings], [true, 5, []]);
    });

    test('a checkpoint that another machine lacks is found against the bucket', async () => {
      const { checkpoints } = auditFiles(join(folder, 'fresh'), portfolio);
      const copy = join(folder, 'locked.jsonl');
      await writeFile(copy, (await store().from(portfolio, 1)).map(({ line }) => `${line}\n`).join(''));
      await writeFile(checkpoints, `${(await linesOf('fresh')).slice(0, -1).join('\n')}\n`);
      assert.equal((await verify('fresh', [copy])).ok, false);
    });
  });
}
