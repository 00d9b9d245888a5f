import type { ApplyOutcome, Database, ErasedRegister, Lake, ReceivedRecord } from '../../platform/index.ts';
import type { DeadLetters, RefusedEvent } from '../events/dead-letters.ts';
import { isIssue, isRecord } from '../events/event.ts';
import type { EventMapper } from '../events/event-mapper.ts';
import { prepareEvent, sourceNameOf } from '../events/prepare.ts';
import { type FactSink, factsOf, lostOf, type MappedFacts, withoutErased } from './online-consumer.ts';
import { linesWithoutErased, rawFileKey, writeRawFile } from './raw-file.ts';
import { applyAround } from './refused-record.ts';

export type DeliveryOptions = {
  readonly database: Database;
  readonly lake: Lake;
  readonly mapper: EventMapper;
  readonly sink: FactSink;
  readonly letters: DeadLetters;
  readonly portfolio: string;
  readonly stream: string;
  /** Whose events go nowhere; unset: nobody's. */
  readonly erased?: ErasedRegister | undefined;
};

export type Delivery = { readonly facts: number; readonly duplicates: number; readonly refused: number };

const FACTS_PER_CALL = 5_000;

/**
 * Takes a batch that a service delivered and keeps the place of (Lambda from Kinesis): raw zone first, then online store and dead
 * letters together. The same records again, in the same or another batch, leave the same state: facts are told by
 * their keys, here and when the raw zone is processed.
 * Events that somebody put on the stream without Assay are checked here as the API checks them; what is wrong with one is
 * kept with its reason and holds nobody up.
 * @throws what the database or the lake threw: then nothing of the batch counts as taken
 */
export async function takeDelivered(
  options: DeliveryOptions,
  shardId: string,
  records: readonly ReceivedRecord[],
): Promise<Delivery> {
  const { database, lake, mapper, stream } = options;
  const read = records.map((record) => readRecord(options, shardId, record));
  const prepared = read.flatMap((one) => ('record' in one ? [one.record] : []));
  const kept = linesWithoutErased(prepared, mapper, await options.erased?.current());
  if (prepared.length > 0) await writeRawFile(lake, rawFileKey(stream, shardId, prepared), kept);
  const total = { facts: 0, duplicates: 0, refused: 0 };
  const commit = async (mapped: MappedFacts): Promise<void> => {
    const taken = await database.transaction((transaction) => takeMapped(options, transaction, mapped));
    for (const name of ['facts', 'duplicates', 'refused'] as const) total[name] += taken[name];
  };
  const unread = read.flatMap((one) => ('refused' in one ? [one.refused] : []));
  if (unread.length > 0) await commit({ facts: [], refused: unread });
  await applyAround(
    prepared,
    (some) => commit(factsOf(mapper, some)),
    (_, refused) => commit({ facts: [], refused: [refused] }),
  );
  return total;
}

async function takeMapped(
  { sink, letters, erased }: DeliveryOptions,
  transaction: Database,
  mapped: MappedFacts,
): Promise<Delivery> {
  const { facts, refused } = withoutErased(mapped, await erased?.hold(transaction));
  const outcomes: ApplyOutcome[] = [];
  for (let at = 0; at < facts.length; at += FACTS_PER_CALL)
    outcomes.push(...(await sink.apply(transaction, facts.slice(at, at + FACTS_PER_CALL))));
  const lost = facts.flatMap((fact, i) => lostOf(fact, outcomes[i]!));
  await letters.keep(transaction, 'consumer', [...refused, ...lost]);
  return {
    facts: facts.length,
    duplicates: outcomes.filter(({ kind }) => kind === 'duplicate').length,
    refused: refused.length + lost.length,
  };
}

type Read = { readonly record: ReceivedRecord } | { readonly refused: RefusedEvent };

function readRecord({ mapper, portfolio }: DeliveryOptions, shardId: string, record: ReceivedRecord): Read {
  const original = Buffer.from(record.data).toString('utf8');
  const place = `${shardId} ${record.sequenceNumber}`;
  const value = parse(original);
  // What the API put there carries the time it arrived, and was checked before it was acknowledged.
  if (isRecord(value) && typeof value['arrivedAt'] === 'string') return { record };
  const prepared = prepareEvent(mapper, portfolio, { value }, { arrivedAt: record.arrivedAt.toISOString() });
  if (isIssue(prepared)) return { refused: { ...prepared, source: sourceNameOf({ value }), original, place } };
  return { record: { ...record, data: prepared.record.data } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
