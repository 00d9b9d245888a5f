import { type MappedRow, MappingError, type TableSchema } from '../../../domain/index.ts';
import type { EventSource } from '../event-source.ts';

/**
 * Rows of a domain table as they are, by column name: customer updates (`table:borrowers`), bureau and district data. What
 * may change over time is sent as a whole new row; the time it became known makes it a new version.
 */
export function domainTableSource(table: TableSchema): EventSource {
  const known = new Set(table.columns.map((column) => column.name));
  const isVersioned = table.knownTime !== undefined && table.key.includes(table.knownTime);
  return {
    name: `table:${table.name}`,
    map: (event) => {
      const row: Record<string, MappedRow[string]> = {};
      for (const [name, value] of Object.entries(event.payload)) {
        if (!known.has(name)) throw new MappingError(name, `not a column of ${table.name}`);
        row[name] = scalarOf(value, name);
      }
      if (isVersioned && event.eventId === undefined && event.knownAt === undefined) {
        throw new MappingError(
          'eventId',
          'missing but required: without it a repeat cannot be told from a new version',
        );
      }
      return { rows: [{ table, row }], skipped: [] };
    },
  };
}

function scalarOf(value: unknown, name: string): MappedRow[string] {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  throw new MappingError(name, 'not a text, a number, true, false or null');
}
