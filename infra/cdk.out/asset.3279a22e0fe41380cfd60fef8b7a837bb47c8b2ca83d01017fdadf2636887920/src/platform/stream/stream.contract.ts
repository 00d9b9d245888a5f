import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import type { IteratorStart, ReceivedRecord, Stream, StreamRecord } from './contract.ts';
import { hashKeyOf, isWithin, MAX_HASH_KEY } from './hash-key.ts';

/** What every stream keeps, whatever engine is behind it. `open` gives an empty one of two shards. */
export function testStreamContract(engine: string, open: () => Promise<Stream>): void {
  testPutting(engine, open);
  testReading(engine, open);
  testResharding(engine, open);
}

type Open = () => Promise<Stream>;

const PATIENCE_MS = 15_000;
const recordOf = (key: string, text: string): StreamRecord => ({ partitionKey: key, data: Buffer.from(text) });
const textOf = (record: ReceivedRecord): string => Buffer.from(record.data).toString('utf8');

/** Reads a shard until its tip or its end. */
async function readAll(stream: Stream, shardId: string, start: IteratorStart = { kind: 'trim_horizon' }, limit = 7) {
  const records: ReceivedRecord[] = [];
  let next: string | null = await stream.iterator(shardId, start);
  const deadline = performance.now() + PATIENCE_MS;
  while (next !== null && performance.now() < deadline) {
    const page = await stream.read(next, limit);
    assert.ok(page.records.length <= limit);
    records.push(...page.records);
    next = page.next;
    if (page.millisBehindLatest === 0 && page.records.length === 0) break;
  }
  return { records, ended: next === null };
}

/** An engine that needs time for a change of its shards gets it. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function testPutting(engine: string, open: Open): void {
  test(`${engine}: gives every record a shard by its key and a rising number in it`, async () => {
    const stream = await open();
    const records = Array.from({ length: 60 }, (_, i) => recordOf(`borrower-${i % 10}`, `event ${i}`));
    const results = await stream.putRecords(records);
    const shards = await stream.shards();
    const last = new Map<string, bigint>();
    for (const [i, result] of results.entries()) {
      assert.equal(result.kind, 'put');
      if (result.kind !== 'put') continue;
      const shard = shards.find(({ shardId }) => shardId === result.shardId)!;
      assert.ok(isWithin(shard, hashKeyOf(records[i]!.partitionKey)));
      assert.ok(BigInt(result.sequenceNumber) > (last.get(shard.shardId) ?? -1n));
      last.set(shard.shardId, BigInt(result.sequenceNumber));
    }
  });

  test(`${engine}: refuses what is over a limit, and takes nothing of it`, async () => {
    const stream = await open();
    const big = { partitionKey: 'k', data: Buffer.alloc(stream.limits.bytesPerRecord + 1) };
    const many = Array.from({ length: stream.limits.recordsPerPut + 1 }, () => recordOf('k', 'x'));
    for (const records of [[recordOf('k', 'x'), big], [recordOf('', 'x')], [recordOf('k'.repeat(257), 'x')], many]) {
      await assert.rejects(
        stream.putRecords(records),
        (error) => error instanceof AssayError && error.code === 'bad_input',
      );
    }
    for (const { shardId } of await stream.shards()) {
      assert.deepEqual((await readAll(stream, shardId)).records, []);
    }
  });
}

function testReading(engine: string, open: Open): void {
  test(`${engine}: reads back bytes, keys and order, from every kind of place`, async () => {
    const stream = await open();
    const before = await stream.shards();
    const latest = new Map<string, string>();
    for (const { shardId } of before) latest.set(shardId, await stream.iterator(shardId, { kind: 'latest' }));
    const sent = Array.from({ length: 40 }, (_, i) => recordOf(`borrower-${i % 8}`, `žluť ${i}`));
    await stream.putRecords(sent.slice(0, 15));
    await stream.putRecords(sent.slice(15));
    const received: string[] = [];
    for (const { shardId } of before) {
      const { records } = await readAll(stream, shardId);
      received.push(...records.map((record) => `${record.partitionKey} ${textOf(record)}`));
      const order = records.map((record) => BigInt(record.sequenceNumber));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => (a < b ? -1 : 1)),
      );
      assert.ok(records.length > 2);
      const at = records[2]!.sequenceNumber;
      const tail = records.slice(2).map(textOf);
      assert.deepEqual((await readAll(stream, shardId, { kind: 'at', sequenceNumber: at })).records.map(textOf), tail);
      assert.deepEqual(
        (await readAll(stream, shardId, { kind: 'after', sequenceNumber: at })).records.map(textOf),
        tail.slice(1),
      );
      assert.equal((await stream.read(latest.get(shardId)!)).records.length, records.length);
      assert.deepEqual((await readAll(stream, shardId, { kind: 'latest' })).records, []);
    }
    const expected = sent.map((record) => `${record.partitionKey} ${Buffer.from(record.data).toString('utf8')}`);
    assert.deepEqual(received.toSorted(), expected.toSorted());
  });

  test(`${engine}: says which shard is not there`, async () => {
    const stream = await open();
    await assert.rejects(
      stream.iterator('shardId-000000000099', { kind: 'trim_horizon' }),
      (error) => error instanceof AssayError && error.code === 'not_found',
    );
  });
}

function testResharding(engine: string, open: Open): void {
  test(`${engine}: splits and merges; parents end, children go on, and every key has one open shard`, async () => {
    const stream = await open();
    const sent = Array.from({ length: 30 }, (_, i) => recordOf(`borrower-${i}`, `first ${i}`));
    await stream.putRecords(sent);
    const [first] = await stream.shards();
    await stream.split(first!.shardId);
    const children = await eventually(async () => {
      const found = (await stream.shards()).filter(({ parentIds }) => parentIds.includes(first!.shardId));
      assert.equal(found.length, 2);
      return found;
    });
    await eventually(() => stream.merge(children[0]!.shardId, children[1]!.shardId));
    const merged = await eventually(async () => {
      const found = (await stream.shards()).filter(({ parentIds }) => parentIds.length === 2);
      assert.equal(found.length, 1);
      return found[0]!;
    });
    assert.deepEqual([merged.startHashKey, merged.endHashKey], [first!.startHashKey, first!.endHashKey]);
    const put = await eventually(async () => {
      const results = await stream.putRecords(sent);
      assert.ok(results.every(({ kind }) => kind === 'put'));
      return results;
    });
    const shards = await stream.shards();
    const openRanges = shards.filter(({ isClosed }) => !isClosed);
    assert.equal(
      openRanges.reduce((sum, { startHashKey, endHashKey }) => sum + endHashKey - startHashKey + 1n, 0n),
      MAX_HASH_KEY + 1n,
    );
    const closedIds = new Set(shards.filter(({ isClosed }) => isClosed).map(({ shardId }) => shardId));
    assert.ok(put.every((result) => result.kind === 'put' && !closedIds.has(result.shardId)));
    const parent = await readAll(stream, first!.shardId);
    assert.ok(parent.ended, 'a closed shard has an end');
    assert.ok(parent.records.every((record) => textOf(record).startsWith('first')));
  });

  test(`${engine}: refuses a split outside the shard and a merge of shards that do not touch`, async () => {
    const stream = await open();
    const [first, second] = await stream.shards();
    const isRefused = (error: unknown): boolean => error instanceof AssayError && error.code === 'bad_input';
    await assert.rejects(stream.split(first!.shardId, second!.startHashKey + 1n), isRefused);
    await assert.rejects(stream.merge(first!.shardId, first!.shardId), isRefused);
  });
}
