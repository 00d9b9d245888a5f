import type { Portfolio } from '../domain/index.ts';
import {
  type Clock,
  type Database,
  EmbeddedStream,
  type ErasedRegister,
  KinesisStream,
  latestMoment,
  readBook,
  type Stream,
} from '../platform/index.ts';
import { backlogOf, type StreamStatus, streamStatus } from './consumers/stream-status.ts';
import { DeadLetters } from './events/dead-letters.ts';
import { createEventMapper, type EventMapper } from './events/event-mapper.ts';
import { EventIntake } from './events/intake.ts';
import { type RedriveResult, redriveDeadLetters } from './events/redrive.ts';

/** Who reads the stream of a book, by name. */
export const CONSUMERS = ['online', 'lake'] as const;
export type ConsumerName = (typeof CONSUMERS)[number];

/** The stream of one book and the door to it. */
export type BookEvents = {
  readonly stream: Stream;
  /** The embedded engine, whose retention is ours to keep. */
  readonly embedded: EmbeddedStream | null;
  readonly mapper: EventMapper;
  readonly intake: EventIntake;
  readonly letters: DeadLetters;
  /** Whose events go nowhere. */
  readonly erased: ErasedRegister | undefined;
  /** Records that some consumer has not taken yet; 0 where only the service knows. */
  readonly backlog: (consumers?: readonly ConsumerName[]) => Promise<number>;
  readonly status: () => Promise<StreamStatus>;
  /** How far the clock is behind the latest moment that was given: it was set back, or ran ahead. */
  readonly clockBehindMs: () => Promise<number>;
  readonly redrive: (ids?: readonly string[]) => Promise<RedriveResult>;
};

export type BookEventsOptions = {
  readonly database: Database;
  readonly portfolio: Portfolio;
  readonly clock: Clock;
  /** Whose events go nowhere; unset: nobody's. */
  readonly erased?: ErasedRegister | undefined;
  /** Name of a stream of Kinesis to use instead of the embedded one. */
  readonly kinesisStream?: string | undefined;
  /** Events that may wait for a commit; see EventIntake. */
  readonly maxWaitingEvents?: number | undefined;
};

/** A figure that is asked for with every call is looked up once in this time. */
const BACKLOG_AGE_MS = 500;

/** Opens the stream of a book, and makes the embedded one when it is not there. */
export async function openBookEvents(options: BookEventsOptions): Promise<BookEvents> {
  const { database, portfolio, clock, kinesisStream, erased } = options;
  const embedded =
    kinesisStream === undefined ? await EmbeddedStream.open({ database, clock, name: portfolio.name }) : null;
  const stream: Stream = embedded ?? (await KinesisStream.open(kinesisStream ?? portfolio.name));
  const mapper = createEventMapper(portfolio);
  const letters = new DeadLetters({ portfolio: portfolio.name, clock });
  const behind = async (consumers: readonly ConsumerName[]): Promise<number> =>
    embedded ? backlogOf(database, stream.name, consumers) : 0;
  const ofAll = remembered(clock, () => behind(CONSUMERS));
  const intake = new EventIntake({
    database,
    streamWithin: (transaction) => embedded?.within(transaction) ?? stream,
    mapper,
    portfolio: portfolio.name,
    clock,
    backlog: ofAll,
    ...(portfolio.endsWithData && {
      aheadMs: remembered(clock, async () => (await readBook(database, portfolio.name)).aheadMs),
    }),
    ...(erased && { erased: remembered(clock, () => erased.current()) }),
    maxWaitingEvents: options.maxWaitingEvents,
  });
  return {
    stream,
    embedded,
    mapper,
    intake,
    letters,
    erased,
    backlog: (consumers) => (consumers === undefined ? ofAll() : behind(consumers)),
    status: () => streamStatus(database, stream),
    clockBehindMs: async () =>
      Math.max(0, ((await latestMoment(database, portfolio.name))?.getTime() ?? 0) - clock.now().getTime()),
    redrive: (ids) => redriveDeadLetters({ database, letters, intake }, ids === undefined ? {} : { ids }),
  };
}

function remembered<T>(clock: Clock, find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  let atMs = 0;
  return () => {
    const now = clock.now().getTime();
    if (found === undefined || Math.abs(now - atMs) > BACKLOG_AGE_MS) {
      atMs = now;
      found = find();
      found.catch(() => {
        found = undefined;
      });
    }
    return found;
  };
}
