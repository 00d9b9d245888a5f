import { AssayError } from '../../domain/index.ts';
import type { Clock, ReceivedRecord, Stream } from '../../platform/index.ts';
import type { Consumer } from './contract.ts';
import type { Position, Positions } from './positions.ts';
import { ShardReader } from './shard-reader.ts';

/** What a step came to: went on, nothing to do, or the shard has been read to its end. */
export type Step = 'moved' | 'idle' | 'ended';

export type ShardRunOptions = {
  readonly stream: Stream;
  readonly consumer: Consumer;
  readonly positions: Positions;
  readonly position: Position;
  readonly clock: Clock;
};

/** A rate is taken over at least this long. */
const RATE_WINDOW_MS = 1_000;

/** One consumer in one shard, while it holds the lease. */
export class ShardRun {
  readonly #options: ShardRunOptions;
  readonly #reader: ShardReader;
  #position: Position;
  /** Read, and not applied yet. */
  #held: ReceivedRecord[] = [];
  #heldSinceMs = 0;
  #millisBehind = 0;
  #isAtEnd = false;
  #isAtRest = false;
  #rate = { sinceMs: 0, records: 0, perSecond: 0 };

  constructor(options: ShardRunOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#reader = new ShardReader(options.stream, options.position.shardId, options.position.checkpoint);
  }

  get shardId(): string {
    return this.#position.shardId;
  }

  /**
   * Reads once, and applies when enough has come together or it has waited long enough (`flush`: whatever there is). A step
   * that fails may be tried again.
   */
  async step(flush: boolean): Promise<Step> {
    if (this.#position.claimedTo !== null) {
      await this.#applyClaimed(this.#position.claimedTo);
      return 'moved';
    }
    const read = await this.#read();
    if (this.#held.length === 0) return this.#isAtEnd ? this.#end() : this.#rest();
    if (!this.#isDue(flush)) return read > 0 ? 'moved' : 'idle';
    await this.#apply(this.#held.length);
    return 'moved';
  }

  /** Before a crash a file was begun that ends here: the same records, no more and no fewer. */
  async #applyClaimed(claimedTo: string): Promise<void> {
    for (;;) {
      const index = this.#held.findIndex((record) => record.sequenceNumber === claimedTo);
      if (index >= 0) return this.#apply(index + 1);
      if ((await this.#read()) === 0) throw claimedRecordsGone(this.shardId, claimedTo);
    }
  }

  async #read(): Promise<number> {
    const room = this.#options.consumer.recordsPerBatch - this.#held.length;
    if (room <= 0 || this.#isAtEnd) return 0;
    const page = await this.#reader.read(room);
    if (this.#held.length === 0) this.#heldSinceMs = this.#now();
    this.#held.push(...page.records);
    this.#isAtEnd = page.next === null;
    this.#millisBehind = page.millisBehindLatest;
    return page.records.length;
  }

  #isDue(flush: boolean): boolean {
    const { recordsPerBatch, waitMs } = this.#options.consumer;
    if (flush || this.#isAtEnd || this.#held.length >= recordsPerBatch) return true;
    return this.#now() - this.#heldSinceMs >= waitMs;
  }

  async #apply(count: number): Promise<void> {
    const { consumer, positions } = this.#options;
    const records = this.#held.slice(0, count);
    const recordsPerSecond = this.#rateWith(count);
    await consumer.apply({
      records,
      position: this.#position,
      positions,
      millisBehind: this.#millisBehind,
      recordsPerSecond,
    });
    this.#position = { shardId: this.shardId, checkpoint: records.at(-1)!.sequenceNumber, claimedTo: null };
    this.#held = this.#held.slice(count);
    this.#heldSinceMs = this.#now();
    this.#isAtRest = false;
  }

  async #end(): Promise<Step> {
    await this.#options.positions.end(this.shardId);
    return 'ended';
  }

  async #rest(): Promise<Step> {
    if (this.#isAtRest || this.#now() - this.#rate.sinceMs < RATE_WINDOW_MS) return 'idle';
    await this.#options.positions.rest(this.shardId);
    this.#isAtRest = true;
    return 'idle';
  }

  #rateWith(count: number): number {
    const now = this.#now();
    const elapsedMs = now - this.#rate.sinceMs;
    const records = this.#rate.records + count;
    if (elapsedMs < RATE_WINDOW_MS) {
      this.#rate = { ...this.#rate, records };
      return this.#rate.perSecond;
    }
    const perSecond = elapsedMs > 60 * RATE_WINDOW_MS ? count : (records * 1000) / elapsedMs;
    this.#rate = { sinceMs: now, records: 0, perSecond };
    return perSecond;
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}

function claimedRecordsGone(shardId: string, claimedTo: string): AssayError {
  return new AssayError('internal', {
    what: `records of ${shardId} that a file was begun with are gone from the stream`,
    given: `up to ${claimedTo}`,
    fix: 'restore the stream from a backup; the file in the raw zone may hold them',
  });
}
