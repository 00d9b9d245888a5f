import { z } from 'zod';
import { isoTime, pageQuery } from './common.ts';

export const EVENTS_PER_CALL = 1_000;

/** An event as a feed sends it. Each one of a batch is checked and answered by itself. */
export const eventSchema = z
  .looseObject({
    source: z.string().max(200),
    payload: z.record(z.string(), z.unknown()),
    eventId: z.string().max(200).optional(),
    borrowerId: z.string().max(200).optional(),
    knownAt: isoTime.optional(),
  })
  .describe(
    'source: plaid, uk-open-banking, fdx, table:<name of a domain table>, or a source of the portfolio. borrowerId: whose account it is, for banks. knownAt: when the lender knew it, for the replay of a history.',
  );

/** Loose on purpose: what is wrong with one event of a batch must not turn back the others. */
export const createEventsSchema = z.union([
  z.record(z.string(), z.unknown()),
  z.array(z.unknown()).min(1).max(EVENTS_PER_CALL),
]);

const eventResultSchema = z.discriminatedUnion('status', [
  /** Durable. `facts`: rows of the domain it stands for; `skipped`: what was left out on purpose, by reason. */
  z.object({ status: z.literal('accepted'), facts: z.int(), skipped: z.array(z.string()) }),
  z.object({ status: z.literal('duplicate') }),
  /** Kept with the dead letters. */
  z.object({ status: z.literal('rejected'), field: z.string().nullable(), reason: z.string() }),
]);

export const createdEventsSchema = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  /** In the order of the events sent. */
  results: z.array(eventResultSchema),
});
export type CreatedEvents = z.infer<typeof createdEventsSchema>;

export const streamStatusSchema = z.object({
  stream: z.string(),
  /** Records that the slowest consumer has not taken. */
  backlog: z.int(),
  deadLettersWaiting: z.int(),
  shards: z.array(z.object({ shardId: z.string(), isClosed: z.boolean(), parentIds: z.array(z.string()) })),
  consumers: z.array(
    z.object({
      consumer: z.string(),
      shardId: z.string(),
      /** False: nobody reads this shard now. */
      isLeased: z.boolean(),
      checkpoint: z.string().nullable(),
      ended: z.boolean(),
      records: z.int(),
      rejected: z.int(),
      millisBehind: z.int(),
      recordsPerSecond: z.number(),
      lastError: z.string().nullable(),
      lastErrorAt: isoTime.nullable(),
      movedAt: isoTime.nullable(),
    }),
  ),
});
export type StreamStatusDto = z.infer<typeof streamStatusSchema>;

export const deadLettersQuerySchema = z.strictObject({
  ...pageQuery,
  status: z.enum(['waiting', 'redriven']).optional(),
  source: z.string().max(200).optional(),
});

export const deadLetterSchema = z.object({
  deadLetterId: z.string(),
  source: z.string(),
  /** intake: never acknowledged; consumer: acknowledged, then found to contradict another fact. */
  stage: z.enum(['intake', 'consumer']),
  field: z.string().nullable(),
  reason: z.string(),
  /** As it came, at most 4,000 characters. */
  original: z.string(),
  place: z.string().nullable(),
  status: z.enum(['waiting', 'redriven']),
  times: z.int(),
  firstAt: isoTime,
  lastAt: isoTime,
  redrivenAt: isoTime.nullable(),
});
export type DeadLetterDto = z.infer<typeof deadLetterSchema>;
export const deadLettersSchema = z.object({ rows: z.array(deadLetterSchema), total: z.int() });
export type DeadLettersDto = z.infer<typeof deadLettersSchema>;

export const redriveSchema = z.strictObject({
  /** Unset: all that wait. */
  deadLetterIds: z.array(z.string().max(64)).min(1).max(1_000).optional(),
});
export const redrivenSchema = z.object({ accepted: z.int(), duplicates: z.int(), refused: z.int() });
export type RedrivenDto = z.infer<typeof redrivenSchema>;

/** Events in, and what became of them. */
export const eventOperations = {
  createEvents: {
    method: 'POST',
    path: '/events',
    tag: 'events',
    status: 200,
    summary: 'Take one event or a batch; each is accepted, a duplicate, or rejected with its reason',
    body: createEventsSchema,
    response: createdEventsSchema,
  },
  getStream: {
    method: 'GET',
    path: '/stream',
    tag: 'events',
    status: 200,
    summary: 'Shards, consumers and how far they have come',
    response: streamStatusSchema,
  },
  listDeadLetters: {
    method: 'GET',
    path: '/dead-letters',
    tag: 'events',
    status: 200,
    summary: 'Events that were refused, with the reason',
    query: deadLettersQuerySchema,
    response: deadLettersSchema,
  },
  redriveDeadLetters: {
    method: 'POST',
    path: '/dead-letters/redrive',
    tag: 'events',
    status: 200,
    summary: 'Try refused events again; each is applied once',
    body: redriveSchema,
    response: redrivenSchema,
  },
} as const;
