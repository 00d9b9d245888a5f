import type { TableSchema } from '../../domain/index.ts';
import type { IncomingEvent } from '../events/event.ts';
import type { StagedValue } from '../validate.ts';

const MS_PER_DAY = 86_400_000;

/** An event as a feed would send it again. */
export function originalOf({ source, eventId, borrowerId, knownAt, payload }: IncomingEvent): string {
  return JSON.stringify({ source, eventId, borrowerId, knownAt, payload });
}

/** A staged row as a payload: days and microseconds as texts. */
export function payloadOf(table: TableSchema, row: Readonly<Record<string, StagedValue>>): Record<string, StagedValue> {
  return Object.fromEntries(
    table.columns.map(({ name, type }) => {
      const value = row[name] ?? null;
      if (typeof value !== 'number') return [name, value];
      if (type === 'date') return [name, new Date(value * MS_PER_DAY).toISOString().slice(0, 10)];
      return [name, type === 'timestamp' ? isoOfMicros(value) : value];
    }),
  );
}

/** ISO 8601 with six digits: a Date holds only three of them. */
function isoOfMicros(micros: number): string {
  const ms = Math.floor(micros / 1000);
  return new Date(ms).toISOString().replace('Z', `${String(micros - ms * 1000).padStart(3, '0')}Z`);
}
