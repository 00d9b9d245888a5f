import { ExpiredIteratorError, type RecordPage, type Stream } from '../../platform/index.ts';

/** Reads a shard on from a checkpoint; an iterator that expired is taken anew. */
export class ShardReader {
  readonly #stream: Stream;
  readonly #shardId: string;
  #after: string | null;
  #iterator: string | null = null;

  constructor(stream: Stream, shardId: string, after: string | null) {
    this.#stream = stream;
    this.#shardId = shardId;
    this.#after = after;
  }

  /** The next records; `next` is null when the shard has ended. */
  async read(limit: number): Promise<RecordPage> {
    const page = await this.#readOrRenew(limit);
    this.#iterator = page.next;
    this.#after = page.records.at(-1)?.sequenceNumber ?? this.#after;
    return page;
  }

  async #readOrRenew(limit: number): Promise<RecordPage> {
    this.#iterator ??= await this.#open();
    try {
      return await this.#stream.read(this.#iterator, limit);
    } catch (error) {
      if (!(error instanceof ExpiredIteratorError)) throw error;
      this.#iterator = await this.#open();
      return this.#stream.read(this.#iterator, limit);
    }
  }

  #open(): Promise<string> {
    return this.#stream.iterator(
      this.#shardId,
      this.#after === null ? { kind: 'trim_horizon' } : { kind: 'after', sequenceNumber: this.#after },
    );
  }
}
