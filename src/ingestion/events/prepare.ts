import { hash } from 'node:crypto';
import type { StreamRecord } from '../../platform/index.ts';
import { type EventIssue, type IncomingEvent, isIssue, isRecord, parseEvent, type StreamedEvent } from './event.ts';
import type { EventMapper, MappedEvent } from './event-mapper.ts';
import type { Receipt } from './receipts.ts';

/** One event as it came: its JSON value, or the bytes of what is none. */
export type Submission = {
  readonly value: unknown;
  /** The bytes it came as; unset: the value as JSON. */
  readonly original?: string;
  /** File and line, for events out of a file. */
  readonly place?: string;
  /** Known to be wrong already: it could not be read. */
  readonly issue?: EventIssue;
  /** It was acknowledged once and not applied: its receipt does not make it a repeat. */
  readonly again?: boolean;
};

/** An event that may go on the stream. */
export type PreparedEvent = {
  readonly record: StreamRecord;
  readonly receipt: Receipt;
  readonly facts: number;
  readonly skipped: readonly string[];
  /** Whom it says something of. */
  readonly borrowerIds: readonly string[];
  readonly again: boolean;
};

/** A little under the limit of a record, for the envelope. */
const MAX_PAYLOAD_BYTES = 1_000_000;
const MAX_KEY_CHARS = 200;
const TOO_LARGE: EventIssue = { field: 'payload', reason: `larger than ${MAX_PAYLOAD_BYTES} bytes` };

/**
 * Checks an event by mapping it to facts, and makes its record: one line of JSON, under the key of the borrower, so that one
 * borrower's events keep their order.
 */
export function prepareEvent(
  mapper: EventMapper,
  portfolio: string,
  { value, issue, again = false }: Submission,
  moment: Pick<StreamedEvent, 'arrivedAt' | 'bookTime'>,
): PreparedEvent | EventIssue {
  if (issue) return issue;
  const event = parseEvent(value);
  if (isIssue(event)) return event;
  const mapped = mapper.map({ ...event, ...moment });
  if (isIssue(mapped)) return mapped;
  const payload = JSON.stringify(event.payload);
  if (payload.length > MAX_PAYLOAD_BYTES) return TOO_LARGE;
  const data = Buffer.from(lineOf(event, payload, moment));
  if (data.length > MAX_PAYLOAD_BYTES + 2_000) return TOO_LARGE;
  const fact = mapped.facts[0];
  const partitionKey = (fact?.borrowerId ?? fact?.key ?? event.borrowerId ?? event.source).slice(0, MAX_KEY_CHARS);
  return {
    record: { partitionKey, data },
    receipt: receiptOf(portfolio, event, payload),
    facts: mapped.facts.length,
    skipped: mapped.skipped,
    borrowerIds: borrowersOf(event, mapped),
    again,
  };
}

function borrowersOf({ borrowerId }: IncomingEvent, { facts }: MappedEvent): string[] {
  const ids = facts.flatMap((fact) => fact.borrowerId ?? []);
  return borrowerId === undefined ? ids : [borrowerId, ...ids];
}

function lineOf(
  event: IncomingEvent,
  payload: string,
  { arrivedAt, bookTime }: Pick<StreamedEvent, 'arrivedAt' | 'bookTime'>,
): string {
  const { source, eventId, borrowerId, knownAt } = event;
  const envelope = JSON.stringify({ source, eventId, borrowerId, knownAt, arrivedAt, bookTime });
  return `${envelope.slice(0, -1)},"payload":${payload}}`;
}

/** The id a feed gives names an event; without one its content does. */
function receiptOf(portfolio: string, event: IncomingEvent, payload: string): Receipt {
  const { source, eventId, borrowerId = '', knownAt = '' } = event;
  const content = digest([portfolio, source, borrowerId, knownAt, payload]);
  return { content, identity: eventId === undefined ? content : digest([portfolio, source, 'id', eventId]) };
}

function digest(parts: readonly string[]): string {
  return hash('sha256', parts.join('\n'), 'hex').slice(0, 32);
}

/** A line of the stream, back. What wrote it has checked it. */
export function streamedEventOf(line: string): StreamedEvent {
  const event: StreamedEvent = JSON.parse(line);
  return event;
}

/** The source a refused event named, if it named one. */
export function sourceNameOf({ value }: Submission): string {
  const source = isRecord(value) ? value['source'] : undefined;
  return typeof source === 'string' && source !== '' ? source.slice(0, MAX_KEY_CHARS) : 'unknown';
}
