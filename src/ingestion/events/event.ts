import { whyNotStorable } from '../../domain/index.ts';
import { parseMicros } from '../calendar.ts';

/** Something that happened, as a feed sends it: which source, and the payload as that source shapes it. */
export type IncomingEvent = {
  /** A source of the portfolio, a bank's format (`plaid`, `uk-open-banking`, `fdx`), or `table:<name>` for rows of the domain. */
  readonly source: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The feed's own name for this event: the same id again is a duplicate. */
  readonly eventId?: string;
  /** Whose account it is, for sources that do not say so. */
  readonly borrowerId?: string;
  /** When the lender knew it, for the replay of a history; unset: when it arrives. */
  readonly knownAt?: string;
};

/** As it lies on the stream and in the raw zone: one line of JSON. */
export type StreamedEvent = IncomingEvent & {
  /** ISO 8601, UTC. */
  readonly arrivedAt: string;
  /** The time in the book at that moment, where it is not the wall clock's: its data ends in the past. */
  readonly bookTime?: string;
};

/** Why an event is not taken. `field` is null where no single one is at fault. */
export type EventIssue = { readonly field: string | null; readonly reason: string };

const MAX_NAME_CHARS = 200;
const TEXT_FIELDS = ['source', 'eventId', 'borrowerId', 'knownAt'] as const;
const FIELDS = new Set<string>([...TEXT_FIELDS, 'payload']);

export function isIssue(value: object): value is EventIssue {
  return 'reason' in value;
}

/** An envelope from outside, checked; the payload is its source's to check. */
export function parseEvent(value: unknown): IncomingEvent | EventIssue {
  if (!isRecord(value)) return { field: null, reason: 'not a JSON object' };
  const unknown = Object.keys(value).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return { field: unknown.slice(0, MAX_NAME_CHARS), reason: 'not a field of an event' };
  for (const name of TEXT_FIELDS) {
    const reason = whyNotText(value[name], name === 'source');
    if (reason !== null) return { field: name, reason };
  }
  if (!isRecord(value['payload'])) return { field: 'payload', reason: 'not a JSON object' };
  if (value['knownAt'] !== undefined && parseMicros(String(value['knownAt'])) === null) {
    return { field: 'knownAt', reason: 'not a time (YYYY-MM-DDThh:mm:ssZ)' };
  }
  return value as IncomingEvent;
}

function whyNotText(value: unknown, isRequired: boolean): string | null {
  if (value === undefined) return isRequired ? 'missing but required' : null;
  if (typeof value !== 'string' || value === '') return 'not a text';
  if (value.length > MAX_NAME_CHARS) return `longer than ${MAX_NAME_CHARS} characters`;
  return whyNotStorable(value) ?? null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
