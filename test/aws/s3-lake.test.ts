/**
 * The lake in S3 keeps the contract of the local one, on the emulators this machine has; and what is its own: a publish seen by
 * another machine at once and whole, files an engine wrote uploaded, many publishers with one winner each time, a large
 * file in parts. Not tested here: S3 itself, its permissions and its throttling.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { testLakeContract } from '../../src/platform/lake/lake.contract.ts';
import { openS3Lake, type S3Lake } from '../../src/platform/lake/s3-lake.ts';
import { type Emulator, ministack, REGION, versitygw } from './support/emulator.ts';

const LARGE_BYTES = 12 * 1024 ** 2;

for (const kind of [versitygw, ministack]) {
  describe(`S3 lake on ${kind.name}`, { skip: kind.skip }, () => {
    let emulator: Emulator;
    let client: S3Client;
    let folder = '';
    let count = 0;
    const bucket = 'assay-lake';
    const open = (prefix: string): Promise<S3Lake> =>
      openS3Lake({ client, bucket, prefix, cacheDirectory: join(folder, String(count++)) });

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'assay-s3-cache-'));
      emulator = await kind.start();
      const { endpoint, credentials } = emulator;
      client = new S3Client({ endpoint, credentials, region: REGION, forcePathStyle: true });
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
    });
    after(async () => {
      client?.destroy();
      await emulator?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    testLakeContract(`S3 on ${kind.name}`, () => open(`contract-${count}/`));

    test('another machine sees a publish at once, whole, after hydrate as files', async () => {
      const [writer, reader] = [await open('two/'), await open('two/')];
      await writer.put('staging/a', '1');
      await writer.put('staging/deep/b', '2');
      await writer.publish('staging', 'modeled/x');
      assert.deepEqual(await reader.list('modeled'), ['modeled/x/a', 'modeled/x/deep/b']);
      assert.equal(await reader.hydrate('modeled'), 2);
      assert.equal(await reader.hydrate('modeled'), 0);
      assert.equal(await readFile(reader.path('modeled/x/deep/b'), 'utf8'), '2');
      await writer.put('staging/a', '3');
      await writer.publish('staging', 'modeled/x');
      assert.equal(await reader.hydrate(''), 1);
      assert.equal(await readFile(reader.path('modeled/x/a'), 'utf8'), '3');
      assert.deepEqual(await reader.list(''), ['modeled/x/a']);
      await assert.rejects(readFile(reader.path('modeled/x/deep/b')), /ENOENT/);
    });

    test('a key put under a published folder belongs to it, and goes with it', async () => {
      const lake = await open('inside/');
      await lake.put('t/before', '0');
      await lake.put('s/a', '1');
      await lake.publish('s', 't');
      await lake.put('t/later', '2');
      assert.deepEqual(await lake.list('t'), ['t/a', 't/later']);
      assert.match(await lake.objectUri('t/later'), /^s3:\/\/assay-lake\/inside\/versions\/[0-9a-f-]+\/later$/);
      await lake.put('s/b', '3');
      await lake.publish('s', 't');
      assert.deepEqual(await lake.list(''), ['t/b']);
      await lake.remove('t');
      assert.deepEqual(await lake.list(''), []);
    });

    test('files that an engine wrote under the staging folder are published, large ones in parts', async () => {
      const lake = await open('engine/');
      const bytes = Buffer.alloc(LARGE_BYTES, 'x');
      await mkdir(dirname(lake.path('staging/big.parquet')), { recursive: true });
      await writeFile(lake.path('staging/big.parquet'), bytes);
      assert.equal(await lake.exists('staging/big.parquet'), true);
      assert.equal((await lake.get('staging/big.parquet')).length, LARGE_BYTES);
      await lake.put('staging/manifest.json', '{}');
      await lake.publish('staging', 'modeled/big');
      const other = await open('engine/');
      assert.ok(bytes.equals(await other.get('modeled/big/big.parquet')));
      assert.deepEqual(await other.list(''), ['modeled/big/big.parquet', 'modeled/big/manifest.json']);
    });

    test('publishers at once: each target is one of their folders, none is mixed, one old version is kept', async () => {
      const writers = await Promise.all(Array.from({ length: 6 }, () => open('race/')));
      await Promise.all(
        writers.map(async (lake, i) => {
          for (const name of ['a', 'b']) await lake.put(`staging-${i}/${name}`, String(i));
          await lake.publish(`staging-${i}`, 't');
        }),
      );
      const lake = await open('race/');
      const [a, b] = await Promise.all(['t/a', 't/b'].map(async (key) => Buffer.from(await lake.get(key)).toString()));
      assert.equal(a, b);
      assert.deepEqual(await lake.list(''), ['t/a', 't/b']);
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: 'race/versions/' }),
      );
      assert.equal(Contents.length, 4);
    });

    for (const command of ['GetObjectCommand', 'ListObjectsV2Command'])
      test(`others publish twice before a ${command} under way: the reader gets the last version, whole`, async () => {
        const prefix = `moving-${command}/`;
        const writer = await open(prefix);
        const publish = async (text: string): Promise<void> => {
          for (const name of ['a', 'b']) await writer.put(`staging/${name}`, text);
          await writer.publish('staging', 't');
        };
        const { endpoint, credentials } = emulator;
        const slow = new S3Client({ endpoint, credentials, region: REGION, forcePathStyle: true });
        let isArmed = false;
        slow.middlewareStack.add(
          (next, { commandName }) =>
            async (request) => {
              const { Key, Prefix } = request.input as { Key?: string; Prefix?: string };
              if (isArmed && commandName === command && (Key ?? Prefix)?.includes('/versions/')) {
                isArmed = false;
                for (const text of ['2', '3']) await publish(text);
              }
              return next(request);
            },
          { step: 'initialize' },
        );
        try {
          const cacheDirectory = join(folder, String(count++));
          const reader = await openS3Lake({ client: slow, bucket, prefix, cacheDirectory });
          const reads: (() => Promise<unknown>)[] = [
            async () => Buffer.from(await reader.get('t/a')).toString(),
            () => reader.list('t'),
            () => reader.hydrate('t').then(() => readFile(reader.path('t/b'), 'utf8')),
          ];
          const seen: unknown[] = [];
          for (const read of reads) {
            await publish('1');
            isArmed = true;
            seen.push(await read());
            isArmed = false;
          }
          const first = command === 'GetObjectCommand' ? '3' : '1';
          assert.deepEqual(seen, [first, ['t/a', 't/b'], '3']);
        } finally {
          slow.destroy();
        }
      });
  });
}
