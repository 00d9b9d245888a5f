import { AssayError } from '../../domain/index.ts';
import { CONSUMERS, type DeadLetter, type EventResult } from '../../ingestion/index.ts';
import type { CreatedEvents, DeadLetterDto, StreamStatusDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiDependencies } from '../ports.ts';

const MAX_SHOWN_CHARS = 4_000;

type EventHandlers = Pick<Handlers, 'createEvents' | 'getStream' | 'listDeadLetters' | 'redriveDeadLetters'>;

export function eventHandlers({ events, database }: ApiDependencies, metrics: Metrics): EventHandlers {
  return {
    createEvents: async ({ body }) => {
      const values = Array.isArray(body) ? body : [body];
      const results = await events.intake.accept(values.map((value) => ({ value })));
      const answer = answerOf(results);
      metrics.countEvents(answer);
      if (!Array.isArray(body)) refuseSingle(results[0]!);
      return answer;
    },
    getStream: async () => {
      const [status, backlog, deadLettersWaiting] = await Promise.all([
        events.status(),
        events.backlog(CONSUMERS),
        events.letters.waiting(database),
      ]);
      return { ...statusDto(status), backlog, deadLettersWaiting };
    },
    listDeadLetters: async ({ query }) => {
      const { page, pageSize, status, source } = query;
      const offset = (page - 1) * pageSize;
      const { rows, total } = await events.letters.list(database, { status, source, limit: pageSize, offset });
      return { rows: rows.map(letterDto), total };
    },
    redriveDeadLetters: ({ body }) => events.redrive(body.deadLetterIds),
  };
}

function answerOf(results: readonly EventResult[]): CreatedEvents {
  const count = (status: EventResult['status']): number => results.filter((result) => result.status === status).length;
  return {
    accepted: count('accepted'),
    duplicates: count('duplicate'),
    rejected: count('rejected'),
    results: results.map((result) =>
      result.status === 'accepted' ? { ...result, skipped: [...result.skipped] } : { ...result },
    ),
  };
}

/** A single event that is refused is a bad request; in a batch the others stand, and each has its own answer. */
function refuseSingle(result: EventResult): void {
  if (result.status !== 'rejected') return;
  const { field, reason } = result;
  throw new AssayError('bad_input', {
    what: 'the event was refused and is kept with the dead letters',
    given: field === null ? reason : `${field}: ${reason}`,
    fix: 'correct it and send it again',
    issues: [{ path: field ?? '', message: reason }],
  });
}

type Status = Awaited<ReturnType<ApiDependencies['events']['status']>>;

function statusDto({ stream, shards, consumers }: Status): Omit<StreamStatusDto, 'backlog' | 'deadLettersWaiting'> {
  return {
    stream,
    shards: shards.map((shard) => ({ ...shard, parentIds: [...shard.parentIds] })),
    consumers: consumers.map(({ owner, endedAt, lastErrorAt, movedAt, ...position }) => ({
      ...position,
      ended: endedAt !== null,
      lastErrorAt: lastErrorAt?.toISOString() ?? null,
      movedAt: movedAt?.toISOString() ?? null,
    })),
  };
}

function letterDto(letter: DeadLetter): DeadLetterDto {
  return {
    ...letter,
    original: letter.original.slice(0, MAX_SHOWN_CHARS),
    firstAt: letter.firstAt.toISOString(),
    lastAt: letter.lastAt.toISOString(),
    redrivenAt: letter.redrivenAt?.toISOString() ?? null,
  };
}
