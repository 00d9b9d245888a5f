import { MappingError, type RawRecord, type SourceFile } from '../../../domain/index.ts';
import { MissingColumnError } from '../../fields.ts';
import { LookupStore } from '../../lookup-store.ts';
import type { IncomingEvent } from '../event.ts';
import type { EventSource, MappedPayload } from '../event-source.ts';

/** A source file of the portfolio as a feed: one record of the file is one payload, texts by header name. */
export function portfolioSource(source: SourceFile): EventSource {
  const missing = new Set(source.missing ?? []);
  const lookups = new LookupStore([source]);
  return {
    name: source.name,
    map: (event) => {
      refuseLookups(source);
      const record = recordOf(event, missing);
      const excluded = source.exclude?.(record) ?? null;
      if (excluded !== null) return { rows: [], skipped: [excluded] };
      return mapRecord(source, record, lookups);
    },
  };
}

function mapRecord(source: SourceFile, record: RawRecord, lookups: LookupStore): MappedPayload {
  const rows: MappedPayload['rows'][number][] = [];
  for (const target of source.targets) {
    const row = mapped(() => target.map(record, 0, lookups.contextFor(target)));
    if (row !== null) rows.push({ table: target.table, row });
  }
  return { rows, skipped: [] };
}

/** A column that is not there is a fault of the file when a file is read, and of the event here. */
function mapped<T>(map: () => T): T {
  try {
    return map();
  } catch (error) {
    if (!(error instanceof MissingColumnError)) throw error;
    throw new MappingError(error.column, 'missing but required', { cause: error });
  }
}

function recordOf({ payload }: IncomingEvent, missing: ReadonlySet<string>): RawRecord {
  const record: Record<string, string> = {};
  for (const [name, value] of Object.entries(payload)) {
    if (value === null) record[name] = '';
    else if (typeof value === 'string') record[name] = missing.has(value) ? '' : value;
    else throw new MappingError(name, 'not a text: a record of a file holds texts');
  }
  return record;
}

function refuseLookups(source: SourceFile): void {
  const tables = source.targets.flatMap((target) => target.lookups ?? []);
  if (tables.length === 0) return;
  throw new MappingError(
    'source',
    `looks into ${tables.join(', ')}: send rows of the domain instead (${source.targets.map(({ table }) => `table:${table.name}`).join(', ')})`,
  );
}
