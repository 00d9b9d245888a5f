export { ConsumerRun } from './consumer-run.ts';
export { type Consumer, type FaultPoint, type FaultSwitch, noFaults } from './contract.ts';
export { dropFilesBeyond } from './drop-beyond.ts';
export { lakeConsumer } from './lake-consumer.ts';
export { type FactSink, onlineConsumer } from './online-consumer.ts';
export { listPositions, type PositionRow } from './positions.ts';
export { rawFileLines, rewriteStreamFiles, STREAM_PREFIX, writeRawFile } from './raw-file.ts';
export { backlogOf, type StreamStatus, streamStatus, trimStream } from './stream-status.ts';
export { type Delivery, type DeliveryOptions, takeDelivered } from './take-delivered.ts';
