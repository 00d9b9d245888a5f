import { AssayError } from '../../domain/index.ts';

/** An iterator older than five minutes: take a new one from the checkpoint. */
export class ExpiredIteratorError extends AssayError {
  constructor(options?: ErrorOptions) {
    super(
      'conflict',
      {
        what: 'the iterator of the stream has expired',
        allowed: 'use within five minutes',
        fix: 'take a new one from the checkpoint',
      },
      options,
    );
    this.name = 'ExpiredIteratorError';
  }
}

/** The engine takes no more just now: wait, then try again. */
export class ThroughputExceededError extends AssayError {
  constructor(options?: ErrorOptions) {
    super('unavailable', { what: 'the stream takes no more just now', fix: 'try again in a second' }, options);
    this.name = 'ThroughputExceededError';
  }
}

export function noSuchShard(stream: string, shardId: string): AssayError {
  return new AssayError('not_found', { what: `the stream ${stream} has no such shard`, given: shardId });
}
