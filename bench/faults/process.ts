import type { DecisionDependencies } from '../../src/decisions/index.ts';
import { DecisionStore, PolicyStore } from '../../src/decisions/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { openOnlineFeatures } from '../../src/entrypoints/server/index.ts';
import { tablesOf } from '../../src/features/index.ts';
import {
  ConsumerRun,
  createEventMapper,
  DeadLetters,
  EventIntake,
  lakeConsumer,
  onlineConsumer,
} from '../../src/ingestion/index.ts';
import {
  type Clock,
  createLog,
  type Database,
  EmbeddedStream,
  FaultyStream,
  type Lake,
  OnlineStore,
  openPersonVault,
  type Stream,
} from '../../src/platform/index.ts';
import type { Chance } from './chance.ts';
import type { Mutation } from './collaborators.ts';
import { breaking, Crash, tearing } from './faults.ts';

export type Ground = {
  readonly home: string;
  readonly database: Database;
  readonly lake: Lake;
  readonly portfolio: Portfolio;
  readonly models: DecisionDependencies['models'];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly newId: () => string;
  /** How often things go wrong now, 0 to 1. */
  readonly rate: () => number;
  readonly mutation: Mutation;
};

export type Process = Awaited<ReturnType<typeof openProcess>>;

const STREAM_FAULTS = { refusedRecord: 0.03, throughputExceeded: 0.05, expiredIterator: 0.1, shortRead: 0.3 };
const silent = createLog({ logLevel: 'silent' });

/** A server and its worker in one: what a crash takes is every object made here, and nothing else. */
export async function openProcess(ground: Ground, owner: string) {
  const { database: plain, portfolio, clock, chance, rate, mutation } = ground;
  const name = portfolio.name;
  const database = breaking(plain, chance, rate);
  const embedded = await EmbeddedStream.open({ database: plain, clock, name, shardCount: 1 });
  const random = (): number => (rate() > 0 ? chance.next() : 1);
  const faulty = (stream: Stream): Stream => new FaultyStream(stream, STREAM_FAULTS, random);
  const mapper = createEventMapper(portfolio);
  const online = new OnlineStore({ database: plain, portfolio: name, tables: tablesOf(portfolio), clock });
  const own = new DeadLetters({ portfolio: name, clock });
  const letters = mutation.letters?.(own) ?? own;
  const intake = new EventIntake({
    database: mutation.intakeDatabase?.(database) ?? database,
    streamWithin: (transaction) => faulty(embedded.within(transaction)),
    mapper,
    portfolio: name,
    clock,
    backlog: async () => 0,
  });
  const fault = async (point: string): Promise<void> => {
    if (chance.happens(rate())) throw new Crash(point);
  };
  const torn = tearing(ground.lake, chance, rate);
  const lake = mutation.lake?.(torn) ?? torn;
  const sink = mutation.sink?.(online) ?? online;
  const consumers = {
    online: onlineConsumer({ database, mapper, sink, letters, fault }),
    lake: lakeConsumer({ database, lake, stream: name, fault }),
  };
  const runOf = (which: 'online' | 'lake'): ConsumerRun => {
    const consumer = mutation.consumer?.(consumers[which], plain) ?? consumers[which];
    const sleep = async (): Promise<void> => {};
    return new ConsumerRun({ database: plain, stream: faulty(embedded), consumer, owner, clock, log: silent, sleep });
  };
  return {
    intake,
    letters,
    runs: { online: runOf('online'), lake: runOf('lake') },
    ...openDecider(ground, database, online),
  };
}

function openDecider(ground: Ground, database: Database, online: OnlineStore) {
  const { home, portfolio, models, clock, newId, mutation } = ground;
  const vault = openPersonVault({ home, database: ground.database, clock, portfolio: portfolio.name });
  // keys lie in one table for all books: what a crash gives back is this world's alone
  const store = new DecisionStore({ database, clock, portfolio: portfolio.name, vault, holder: portfolio.name });
  const features = openOnlineFeatures({ store: online, portfolio });
  const decider: DecisionDependencies = {
    ...{ portfolio, models, clock, newId },
    features: mutation.features?.(features) ?? features,
    store: mutation.store?.(store) ?? store,
    policies: new PolicyStore({ database: ground.database, clock, portfolio }),
  };
  // a replay is made by the real parts: it is what finds out the others
  return { decider, replayer: { ...decider, features, store }, store };
}
