// Holds every engine of the stream to one contract: embedded PostgreSQL and Kinesis (an emulator on the loopback), each also
// behind a wrapper on which things go wrong; then what only the embedded one promises: puts within a transaction, retention,
// producers that meet. It does not test throughput (bench/stream.ts), nor the real service.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createLog,
  EmbeddedStream,
  ExpiredIteratorError,
  loadConfig,
  migrate,
  type OpenDatabase,
  openDatabase,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { testStreamContract } from '../../src/platform/stream/stream.contract.ts';
import { startKinesis } from './support/kinesis.ts';

describe('the embedded stream', () => {
  let home: string;
  let opened: OpenDatabase;
  let now = new Date('2026-01-01T00:00:00Z');
  const clock = { now: () => now };
  let count = 0;
  const open = () => EmbeddedStream.open({ database: opened.database, clock, name: `test-${++count}`, shardCount: 2 });

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-stream-'));
    opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
    await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  });
  after(async () => {
    await opened.close();
    await rm(home, { recursive: true, force: true });
  });

  testStreamContract('embedded', open);

  test('what is put within a transaction goes with it', async () => {
    const stream = await open();
    const record = { partitionKey: 'k', data: Buffer.from('x') };
    const undone = opened.database.transaction(async (transaction) => {
      await stream.within(transaction).putRecords([record]);
      throw new Error('undo');
    });
    await assert.rejects(undone, /undo/);
    await opened.database.transaction((transaction) => stream.within(transaction).putRecords([record]));
    const [result] = await stream.putRecords([record]);
    assert.equal(result?.kind === 'put' && result.sequenceNumber, '2');
  });

  test('an iterator runs out after five minutes', async () => {
    const stream = await open();
    const [shard] = await stream.shards();
    const iterator = await stream.iterator(shard!.shardId, { kind: 'trim_horizon' });
    now = new Date(now.getTime() + 301_000);
    await assert.rejects(stream.read(iterator), ExpiredIteratorError);
  });

  test('retention removes old batches that were passed, and reading goes on behind them', async () => {
    const stream = await open();
    const put = async (text: string) => (await stream.putRecords([{ partitionKey: 'k', data: Buffer.from(text) }]))[0]!;
    const first = await put('old');
    assert.equal(first.kind, 'put');
    if (first.kind !== 'put') return;
    await put('older than it is passed');
    now = new Date(now.getTime() + 3_600_000);
    await put('new');
    assert.equal(await stream.trim(first.shardId, first.sequenceNumber, now), 1);
    const page = await stream.read(await stream.iterator(first.shardId, { kind: 'trim_horizon' }));
    assert.deepEqual(
      page.records.map((record) => Buffer.from(record.data).toString('utf8')),
      ['older than it is passed', 'new'],
    );
  });

  test('producers that meet while shards change lose nothing', async () => {
    const stream = await open();
    const writers = await Promise.all([1, 2, 3, 4].map(async () => stream.within(opened.database)));
    const batch = (w: number, n: number) =>
      Array.from({ length: 50 }, (_, i) => ({ partitionKey: `b${i}`, data: Buffer.from(`${w}-${n}-${i}`) }));
    const writing = writers.map(async (writer, w) => {
      for (let n = 0; n < 10; n++) {
        const results = await writer.putRecords(batch(w, n));
        assert.ok(results.every(({ kind }) => kind === 'put'));
        if (w === 0 && n % 3 === 0)
          await writer.split((await writer.shards()).find(({ isClosed }) => !isClosed)!.shardId);
      }
    });
    await Promise.all(writing);
    const seen: string[] = [];
    for (const { shardId } of await stream.shards()) {
      const page = await stream.read(await stream.iterator(shardId, { kind: 'trim_horizon' }));
      seen.push(...page.records.map((record) => Buffer.from(record.data).toString('utf8')));
    }
    assert.equal(seen.length, 2000);
    assert.equal(new Set(seen).size, 2000);
  });
});

const kinesis = await startKinesis();
describe('Kinesis', { skip: 'reason' in kinesis && kinesis.reason }, () => {
  if ('reason' in kinesis) return;
  after(() => kinesis.stop());
  testStreamContract('kinesis', () => kinesis.open(2));
});
