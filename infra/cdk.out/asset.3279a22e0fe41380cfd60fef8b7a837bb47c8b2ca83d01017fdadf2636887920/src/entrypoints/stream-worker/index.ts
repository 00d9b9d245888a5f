export { faultSwitch } from './faults.ts';
export { type EventBook, openEventBook } from './open-book.ts';
export { consumersOf, runWorker, type WorkerParts } from './run-worker.ts';
export { type RunningWorker, startStreamWorker } from './start-stream-worker.ts';
