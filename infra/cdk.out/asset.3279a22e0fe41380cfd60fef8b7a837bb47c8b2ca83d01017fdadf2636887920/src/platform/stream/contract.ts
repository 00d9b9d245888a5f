/** A stream of records in shards, with the semantics of Kinesis; engines are interchangeable behind it. */

export type StreamRecord = {
  /** Records of one key keep their order: they are in one shard. At most 256 characters. */
  readonly partitionKey: string;
  readonly data: Uint8Array;
};

/** What became of one record of a put: some may fail while others are durable. A failed one may be sent again. */
export type PutResult =
  | { readonly kind: 'put'; readonly shardId: string; readonly sequenceNumber: string }
  | { readonly kind: 'failed'; readonly code: 'throughput_exceeded' | 'internal'; readonly message: string };

export type ReceivedRecord = StreamRecord & {
  /** Decimal digits; larger is later within a shard. */
  readonly sequenceNumber: string;
  readonly arrivedAt: Date;
};

/** A shard holds the keys whose MD5 lies in its range, ends included; a closed one has children and gets no more records. */
export type Shard = {
  readonly shardId: string;
  readonly parentIds: readonly string[];
  readonly startHashKey: bigint;
  readonly endHashKey: bigint;
  readonly isClosed: boolean;
};

export type IteratorStart =
  | { readonly kind: 'trim_horizon' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'at' | 'after'; readonly sequenceNumber: string };

export type RecordPage = {
  readonly records: readonly ReceivedRecord[];
  /** Where to read on; null at the end of a closed shard. */
  readonly next: string | null;
  /** Age of the oldest record not yet read; 0 at the tip. */
  readonly millisBehindLatest: number;
};

export type StreamLimits = {
  readonly recordsPerPut: number;
  readonly bytesPerPut: number;
  readonly bytesPerRecord: number;
  readonly recordsPerRead: number;
};

export interface Stream {
  readonly name: string;
  readonly limits: StreamLimits;
  /**
   * Durable when it returns, record by record, in the order given.
   * @throws AssayError bad_input over a limit; unavailable when nothing could be put
   */
  putRecords(records: readonly StreamRecord[]): Promise<PutResult[]>;
  /** Open shards, and closed ones that still hold records or have children that do; by id. */
  shards(): Promise<Shard[]>;
  /** Good for five minutes. @throws AssayError not_found for a shard that is not there */
  iterator(shardId: string, start: IteratorStart): Promise<string>;
  /** @throws ExpiredIteratorError, ThroughputExceededError */
  read(iterator: string, limit?: number): Promise<RecordPage>;
  /** Closes a shard; two children take its range, the second from `startHashKey` (unset: the middle). */
  split(shardId: string, startHashKey?: bigint): Promise<void>;
  /** Closes two neighbours; one child takes both ranges. */
  merge(shardId: string, neighbourId: string): Promise<void>;
}
