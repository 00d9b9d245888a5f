export type {
  IteratorStart,
  PutResult,
  ReceivedRecord,
  RecordPage,
  Shard,
  Stream,
  StreamLimits,
  StreamRecord,
} from './contract.ts';
export { EmbeddedStream, type EmbeddedStreamOptions } from './embedded-stream.ts';
export { ExpiredIteratorError, ThroughputExceededError } from './errors.ts';
export { FaultyStream, type StreamFaults } from './faulty-stream.ts';
export { KinesisStream } from './kinesis-stream.ts';
export { putsOf } from './limits.ts';
