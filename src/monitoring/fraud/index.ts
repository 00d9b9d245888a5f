export { type FraudContext, type FraudQueue, openFraudQueue } from './fraud-queue.ts';
