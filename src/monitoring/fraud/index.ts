export { type FraudQueue, openFraudQueue } from './fraud-queue.ts';
