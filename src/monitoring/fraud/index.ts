export { type FraudQueue, type FraudQueuePage, openFraudQueue } from './fraud-queue.ts';
export { type FraudCounts, type FraudResults, fraudResults } from './fraud-results.ts';
