import type { ReceivedRecord } from '../../platform/index.ts';
import type { Position, Positions } from './positions.ts';

export type Batch = {
  readonly records: readonly ReceivedRecord[];
  readonly position: Position;
  readonly positions: Positions;
  readonly millisBehind: number;
  readonly recordsPerSecond: number;
};

/** What is done with the records of a stream, once each in effect. */
export type Consumer = {
  readonly name: string;
  /** Records it wants at once, and how long it waits for them while the stream is quiet. */
  readonly recordsPerBatch: number;
  readonly waitMs: number;
  /** The pause before a quiet shard is looked at again. */
  readonly idleMs: number;
  /**
   * Applies a batch and moves the checkpoint to its last record, both or neither: a crash at any moment, and the same batch
   * again, leave the same state.
   */
  readonly apply: (batch: Batch) => Promise<void>;
};

/** Where a test may end the process: between what a consumer does and its checkpoint. */
export type FaultPoint = 'before_effect' | 'after_effect' | 'before_commit' | 'after_commit';
export type FaultSwitch = (point: FaultPoint) => Promise<void>;
export const noFaults: FaultSwitch = async () => {};
