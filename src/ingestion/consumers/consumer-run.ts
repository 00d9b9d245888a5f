import { mapConcurrently } from '../../domain/index.ts';
import type { Clock, Database, Log, Shard, Stream } from '../../platform/index.ts';
import type { Consumer } from './contract.ts';
import { LeaseLostError, listPositions, Positions } from './positions.ts';
import { ShardRun } from './shard-run.ts';

export type ConsumerRunOptions = {
  readonly database: Database;
  readonly stream: Stream;
  readonly consumer: Consumer;
  readonly owner: string;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** Waits, or returns early when the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** How often shards are looked for and leases renewed; a third of a lease. */
const LEASE_ROUND_MS = 3_000;
/** Shards at work at once: while the batch of one is in the database, that of another is read and mapped. */
const SHARDS_AT_ONCE = 2;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/** One consumer over all shards it can get; failures are noted at the shard and tried again after a growing pause. */
export class ConsumerRun {
  readonly #options: ConsumerRunOptions;
  readonly #positions: Positions;
  readonly #runs = new Map<string, ShardRun>();
  #leasedAtMs = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: ConsumerRunOptions) {
    this.#options = options;
    const { database, stream, consumer, owner } = options;
    this.#positions = new Positions(database, { stream: stream.name, consumer: consumer.name, owner });
  }

  /** Until the signal fires; then applies what it holds and gives its shards back. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const moved = await this.#guarded(() => this.round(false));
      if (!moved) await this.#options.sleep(this.#options.consumer.idleMs, signal);
    }
    await this.#guarded(() => this.round(true));
    await this.#guarded(async () => {
      await this.#positions.release();
      return true;
    });
  }

  /** One step in every shard held. True when one of them moved. */
  async round(flush: boolean): Promise<boolean> {
    await this.#lease();
    const runs = [...this.#runs.values()];
    const moved = await mapConcurrently(runs, SHARDS_AT_ONCE, (run) => this.#step(run, flush));
    return moved.includes(true);
  }

  async #step(run: ShardRun, flush: boolean): Promise<boolean> {
    try {
      const step = await run.step(flush);
      if (step === 'ended') this.#drop(run);
      if (step === 'moved') this.#pauseMs = FIRST_PAUSE_MS;
      return step !== 'idle';
    } catch (error) {
      // what was durable before it failed is known to the database alone: go on from there
      this.#drop(run);
      if (error instanceof LeaseLostError) return false;
      await this.#positions.failed(run.shardId, error).catch(() => {});
      throw error;
    }
  }

  #drop(run: ShardRun): void {
    this.#runs.delete(run.shardId);
    this.#leasedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** An outage of the database or a full disk is waited for: nothing is lost, the checkpoint stands where it was. */
  async #guarded(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      const { consumer, log, sleep } = this.#options;
      log.warn({ consumer: consumer.name, error: error instanceof Error ? error.message : error }, 'a consumer waits');
      this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2);
      await sleep(this.#pauseMs, new AbortController().signal);
      return true;
    }
  }

  async #lease(): Promise<void> {
    const { clock, stream, consumer, database } = this.#options;
    const now = clock.now().getTime();
    if (Math.abs(now - this.#leasedAtMs) < LEASE_ROUND_MS) return;
    const held = await this.#positions.renew([...this.#runs.keys()]);
    for (const shardId of this.#runs.keys()) if (!held.includes(shardId)) this.#runs.delete(shardId);
    const positions = await listPositions(database, stream.name);
    const ended = new Set(positions.filter((p) => p.consumer === consumer.name && p.endedAt).map((p) => p.shardId));
    for (const shard of readable(await stream.shards(), ended)) {
      if (this.#runs.has(shard.shardId)) continue;
      const position = await this.#positions.lease(shard.shardId);
      if (position) {
        this.#runs.set(shard.shardId, new ShardRun({ ...this.#options, positions: this.#positions, position }));
      }
    }
    this.#leasedAtMs = now;
  }
}

/** Not read to their end yet, and their parents were: records of one key stay in order across a split. */
function readable(shards: readonly Shard[], ended: ReadonlySet<string>): Shard[] {
  const ids = new Set(shards.map(({ shardId }) => shardId));
  return shards.filter(
    ({ shardId, parentIds }) => !ended.has(shardId) && parentIds.every((id) => ended.has(id) || !ids.has(id)),
  );
}
