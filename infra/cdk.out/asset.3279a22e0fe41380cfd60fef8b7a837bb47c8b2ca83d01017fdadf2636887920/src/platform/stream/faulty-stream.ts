import type { IteratorStart, PutResult, RecordPage, Shard, Stream, StreamLimits, StreamRecord } from './contract.ts';
import { ExpiredIteratorError, ThroughputExceededError } from './errors.ts';

/** How often each thing goes wrong, 0 to 1. */
export type StreamFaults = {
  /** A record of a put is refused while others are taken. */
  readonly refusedRecord?: number;
  /** A record is taken, but the answer says it was refused: sending it again makes a duplicate. */
  readonly lostAcknowledgement?: number;
  /** The whole call is refused. */
  readonly throughputExceeded?: number;
  readonly expiredIterator?: number;
  /** A read gives part of what it could. */
  readonly shortRead?: number;
};

/** A stream on which things go wrong as they do on a real one; `random` gives numbers from 0 up to 1. */
export class FaultyStream implements Stream {
  readonly #inner: Stream;
  readonly #faults: StreamFaults;
  readonly #random: () => number;

  constructor(inner: Stream, faults: StreamFaults, random: () => number) {
    this.#inner = inner;
    this.#faults = faults;
    this.#random = random;
  }

  get name(): string {
    return this.#inner.name;
  }

  get limits(): StreamLimits {
    return this.#inner.limits;
  }

  async putRecords(records: readonly StreamRecord[]): Promise<PutResult[]> {
    if (this.#happens('throughputExceeded')) throw new ThroughputExceededError();
    const isRefused = records.map(() => this.#happens('refusedRecord'));
    const taken = await this.#inner.putRecords(records.filter((_, i) => !isRefused[i]));
    let next = 0;
    return records.map((_, i) => {
      if (isRefused[i]) return refused('slow down');
      const result = taken[next++]!;
      return this.#happens('lostAcknowledgement') ? refused('the answer was lost') : result;
    });
  }

  shards(): Promise<Shard[]> {
    return this.#inner.shards();
  }

  iterator(shardId: string, start: IteratorStart): Promise<string> {
    return this.#inner.iterator(shardId, start);
  }

  async read(iterator: string, limit = this.limits.recordsPerRead): Promise<RecordPage> {
    if (this.#happens('throughputExceeded')) throw new ThroughputExceededError();
    if (this.#happens('expiredIterator')) throw new ExpiredIteratorError();
    return this.#inner.read(iterator, this.#happens('shortRead') ? Math.ceil(limit / 3) : limit);
  }

  split(shardId: string, startHashKey?: bigint): Promise<void> {
    return this.#inner.split(shardId, startHashKey);
  }

  merge(shardId: string, neighbourId: string): Promise<void> {
    return this.#inner.merge(shardId, neighbourId);
  }

  #happens(fault: keyof StreamFaults): boolean {
    return this.#random() < (this.#faults[fault] ?? 0);
  }
}

function refused(message: string): PutResult {
  return { kind: 'failed', code: 'throughput_exceeded', message };
}
