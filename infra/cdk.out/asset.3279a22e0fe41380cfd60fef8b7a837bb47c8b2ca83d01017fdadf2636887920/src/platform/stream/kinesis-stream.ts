import type { KinesisClient, Shard as KinesisShard, PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import { AssayError } from '../../domain/index.ts';
import type { IteratorStart, PutResult, RecordPage, Shard, Stream, StreamRecord } from './contract.ts';
import { ExpiredIteratorError, noSuchShard, ThroughputExceededError } from './errors.ts';
import { middleOf } from './hash-key.ts';
import { checkPut, KINESIS_LIMITS } from './limits.ts';

type Sdk = typeof import('@aws-sdk/client-kinesis');

/** A stream of Amazon Kinesis. Region, credentials and address come from the environment, as the SDK reads them. */
export class KinesisStream implements Stream {
  readonly name: string;
  readonly limits = KINESIS_LIMITS;
  readonly #sdk: Sdk;
  readonly #client: KinesisClient;

  private constructor(sdk: Sdk, client: KinesisClient, name: string) {
    this.#sdk = sdk;
    this.#client = client;
    this.name = name;
  }

  /** `client` unset: one made from the environment. The SDK is loaded only here. */
  static async open(name: string, client?: KinesisClient): Promise<KinesisStream> {
    const sdk = await import('@aws-sdk/client-kinesis');
    return new KinesisStream(sdk, client ?? new sdk.KinesisClient({}), name);
  }

  async putRecords(records: readonly StreamRecord[]): Promise<PutResult[]> {
    checkPut(this.limits, records);
    if (records.length === 0) return [];
    const answer = await this.#call(() =>
      this.#client.send(
        new this.#sdk.PutRecordsCommand({
          StreamName: this.name,
          Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
        }),
      ),
    );
    return records.map((_, i) => resultOf(answer.Records?.[i]));
  }

  async shards(): Promise<Shard[]> {
    const shards: KinesisShard[] = [];
    let next: string | undefined;
    do {
      const input = next === undefined ? { StreamName: this.name } : { NextToken: next };
      const page = await this.#call(() => this.#client.send(new this.#sdk.ListShardsCommand(input)));
      shards.push(...(page.Shards ?? []));
      next = page.NextToken;
    } while (next !== undefined);
    return shards.map(shardOf).sort((a, b) => (a.shardId < b.shardId ? -1 : 1));
  }

  async iterator(shardId: string, start: IteratorStart): Promise<string> {
    const answer = await this.#call(
      () =>
        this.#client.send(
          new this.#sdk.GetShardIteratorCommand({
            StreamName: this.name,
            ShardId: shardId,
            ShardIteratorType: ITERATOR_TYPES[start.kind],
            ...('sequenceNumber' in start && { StartingSequenceNumber: start.sequenceNumber }),
          }),
        ),
      shardId,
    );
    return answer.ShardIterator!;
  }

  async read(iterator: string, limit = this.limits.recordsPerRead): Promise<RecordPage> {
    const answer = await this.#call(() =>
      this.#client.send(
        new this.#sdk.GetRecordsCommand({
          ShardIterator: iterator,
          Limit: Math.min(limit, this.limits.recordsPerRead),
        }),
      ),
    );
    const records = (answer.Records ?? []).map((record) => ({
      partitionKey: record.PartitionKey!,
      data: record.Data!,
      sequenceNumber: record.SequenceNumber!,
      arrivedAt: record.ApproximateArrivalTimestamp!,
    }));
    return { records, next: answer.NextShardIterator ?? null, millisBehindLatest: answer.MillisBehindLatest ?? 0 };
  }

  async split(shardId: string, startHashKey?: bigint): Promise<void> {
    const shard = (await this.shards()).find((candidate) => candidate.shardId === shardId);
    if (!shard) throw noSuchShard(this.name, shardId);
    await this.#call(() =>
      this.#client.send(
        new this.#sdk.SplitShardCommand({
          StreamName: this.name,
          ShardToSplit: shardId,
          NewStartingHashKey: String(startHashKey ?? middleOf(shard)),
        }),
      ),
    );
  }

  async merge(shardId: string, neighbourId: string): Promise<void> {
    await this.#call(() =>
      this.#client.send(
        new this.#sdk.MergeShardsCommand({
          StreamName: this.name,
          ShardToMerge: shardId,
          AdjacentShardToMerge: neighbourId,
        }),
      ),
    );
  }

  async #call<Answer>(send: () => Promise<Answer>, shardId?: string): Promise<Answer> {
    try {
      return await send();
    } catch (cause) {
      throw this.#errorOf(cause, shardId);
    }
  }

  /** The service's errors by name, as its documentation lists them. */
  #errorOf(cause: unknown, shardId: string | undefined): unknown {
    if (!(cause instanceof Error)) return cause;
    switch (cause.name) {
      case 'ExpiredIteratorException':
        return new ExpiredIteratorError({ cause });
      case 'ProvisionedThroughputExceededException':
        return new ThroughputExceededError({ cause });
      case 'ResourceNotFoundException':
        return shardId === undefined ? noSuchStream(this.name, cause) : noSuchShard(this.name, shardId);
      case 'InvalidArgumentException':
      case 'ValidationException':
        return new AssayError('bad_input', { what: 'Kinesis refused the request', given: cause.message }, { cause });
      case 'ResourceInUseException':
        return new AssayError('conflict', { what: 'the stream is being changed', given: cause.message }, { cause });
      default:
        return unavailable(cause);
    }
  }
}

const ITERATOR_TYPES = {
  trim_horizon: 'TRIM_HORIZON',
  latest: 'LATEST',
  at: 'AT_SEQUENCE_NUMBER',
  after: 'AFTER_SEQUENCE_NUMBER',
} as const;

function resultOf(entry: PutRecordsResultEntry | undefined): PutResult {
  if (entry?.SequenceNumber !== undefined && entry.ShardId !== undefined) {
    return { kind: 'put', shardId: entry.ShardId, sequenceNumber: entry.SequenceNumber };
  }
  const isThroughput = entry?.ErrorCode === 'ProvisionedThroughputExceededException';
  const message = entry?.ErrorMessage ?? 'Kinesis gave no answer for this record';
  return { kind: 'failed', code: isThroughput ? 'throughput_exceeded' : 'internal', message };
}

function shardOf(shard: KinesisShard): Shard {
  return {
    shardId: shard.ShardId!,
    parentIds: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined && id !== null),
    startHashKey: BigInt(shard.HashKeyRange!.StartingHashKey!),
    endHashKey: BigInt(shard.HashKeyRange!.EndingHashKey!),
    isClosed: (shard.SequenceNumberRange?.EndingSequenceNumber ?? null) !== null,
  };
}

function noSuchStream(name: string, cause: Error): AssayError {
  return new AssayError(
    'not_found',
    { what: 'no such Kinesis stream', given: name, fix: 'create it, or correct the name and the region' },
    { cause },
  );
}

function unavailable(cause: Error): AssayError {
  return new AssayError(
    'unavailable',
    {
      what: 'Kinesis cannot be used',
      given: `${cause.name}: ${cause.message}`,
      fix: 'check region, credentials and network',
    },
    { cause },
  );
}
