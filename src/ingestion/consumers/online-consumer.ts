import {
  type ApplyOutcome,
  type Database,
  type ErasedPersons,
  type ErasedRegister,
  NOBODY_ERASED,
  type OnlineFact,
  type ReceivedRecord,
} from '../../platform/index.ts';
import { isSocial } from '../consented-columns.ts';
import type { DeadLetters, RefusedEvent } from '../events/dead-letters.ts';
import { isIssue } from '../events/event.ts';
import type { EventFact, EventMapper } from '../events/event-mapper.ts';
import { streamedEventOf } from '../events/prepare.ts';
import { isProtected } from '../protected-zone.ts';
import type { Batch, Consumer, FaultSwitch } from './contract.ts';
import { originalOf, payloadOf } from './lost-fact.ts';
import { applyAround } from './refused-record.ts';

/** What applies facts within a transaction: the online store. */
export type FactSink = {
  readonly apply: (transaction: Database, facts: readonly OnlineFact[]) => Promise<ApplyOutcome[]>;
};

const RECORDS_PER_BATCH = 5_000;
const FACTS_PER_CALL = 5_000;
/** Where nobody is woken when records come. */
const IDLE_MS = 250;

/**
 * The stream into the online store. Facts, dead letters and checkpoint commit in one transaction: after a crash the batch comes
 * again, and the facts that were there are duplicates. A record that PostgreSQL refuses for its content becomes a dead letter alone.
 */
export function onlineConsumer(options: {
  readonly database: Database;
  readonly mapper: EventMapper;
  readonly sink: FactSink;
  readonly letters: DeadLetters;
  readonly fault: FaultSwitch;
  /** Whose facts go nowhere; unset: nobody's. */
  readonly erased?: ErasedRegister | undefined;
}): Consumer {
  const { database, mapper, sink, letters, fault } = options;
  const commit = async (batch: Batch, mapped: MappedFacts): Promise<void> => {
    await fault('before_effect');
    await database.transaction(async (transaction) => {
      const { facts, refused } = withoutErased(mapped, await options.erased?.hold(transaction));
      const outcomes: ApplyOutcome[] = [];
      // the shard first: nobody else can be applying it
      const conflicts = (): RefusedEvent[] => facts.flatMap((fact, i) => lostOf(fact, outcomes[i]!));
      await batch.positions.advance(transaction, batch.position, batch.records.at(-1)!.sequenceNumber, {
        records: batch.records.length,
        rejected: refused.length,
        millisBehind: batch.millisBehind,
        recordsPerSecond: batch.recordsPerSecond,
      });
      for (let at = 0; at < facts.length; at += FACTS_PER_CALL) {
        outcomes.push(...(await sink.apply(transaction, facts.slice(at, at + FACTS_PER_CALL))));
      }
      await fault('after_effect');
      await letters.keep(transaction, 'consumer', [...refused, ...conflicts()]);
      await fault('before_commit');
    });
    await fault('after_commit');
  };
  const apply = async (batch: Batch): Promise<void> => {
    let { position } = batch;
    const commitNext = async (records: readonly ReceivedRecord[], mapped: MappedFacts): Promise<void> => {
      await commit({ ...batch, records, position }, mapped);
      position = { ...position, checkpoint: records.at(-1)!.sequenceNumber };
    };
    await applyAround(
      batch.records,
      (records) => commitNext(records, factsOf(mapper, records)),
      (record, refused) => commitNext([record], { facts: [], refused: [refused] }),
    );
  };
  return { name: 'online', recordsPerBatch: RECORDS_PER_BATCH, waitMs: 0, idleMs: IDLE_MS, apply };
}

/** An acknowledged event that today's mappers refuse is kept, not lost. */
export function factsOf(
  mapper: EventMapper,
  records: readonly ReceivedRecord[],
): { facts: EventFact[]; refused: RefusedEvent[] } {
  const facts: EventFact[] = [];
  const refused: RefusedEvent[] = [];
  for (const { data } of records) {
    const line = Buffer.from(data).toString('utf8');
    const event = streamedEventOf(line);
    const mapped = mapper.map(event);
    if (isIssue(mapped)) refused.push({ ...mapped, source: event.source, original: originalOf(event) });
    else facts.push(...mapped.facts.map(withoutTraits));
  }
  return { facts, refused };
}

export type MappedFacts = { readonly facts: readonly EventFact[]; readonly refused: readonly RefusedEvent[] };

/** Facts of erased persons, and what was refused and names one, go nowhere. */
export function withoutErased(mapped: MappedFacts, erased: ErasedPersons = NOBODY_ERASED): MappedFacts {
  if (erased.size === 0) return mapped;
  return {
    facts: mapped.facts.filter(({ borrowerId }) => !erased.has(borrowerId)),
    refused: mapped.refused.filter(({ original }) => !erased.namedIn(textOf(original))),
  };
}

const textOf = (original: RefusedEvent['original']): string =>
  typeof original === 'string' ? original : Buffer.from(original).toString('utf8');

/** Protected traits and profiles of social networks never reach the online store: what decisions read does not hold them. */
function withoutTraits(fact: EventFact): EventFact {
  const traits = fact.schema.columns.filter((column) => isProtected(column) || isSocial(column));
  if (traits.length === 0) return fact;
  return { ...fact, row: { ...fact.row, ...Object.fromEntries(traits.map(({ name }) => [name, null])) } };
}

export function lostOf(fact: EventFact, outcome: ApplyOutcome): RefusedEvent[] {
  if (outcome.kind !== 'conflict') return [];
  const original = originalOf({ source: `table:${fact.table}`, payload: payloadOf(fact.schema, outcome.lost) });
  const reason = 'the key of another fact with other content';
  return [{ source: `table:${fact.table}`, field: fact.schema.key.join('+'), reason, original }];
}
