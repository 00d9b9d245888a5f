import { processedFiles } from '../features/index.ts';
import type { BookContext } from './book-views.ts';
import { sqlText } from './sql.ts';

/** Whether each of these applications defaulted, as the processed zone has it; those without a known outcome are not in the answer. */
export async function knownOutcomes(
  { lake, warehouse }: BookContext,
  applicationIds: readonly string[],
): Promise<Map<string, boolean>> {
  const files = await processedFiles(lake, 'outcomes');
  if (files.length === 0 || applicationIds.length === 0) return new Map();
  const rows = await warehouse.rows<{ application_id: string; defaulted: number }>(
    `SELECT application_id, defaulted
     FROM read_parquet([${files.map(sqlText).join(', ')}], hive_partitioning = false)
     WHERE defaulted IS NOT NULL AND list_contains(from_json($1, '["VARCHAR"]'), application_id)`,
    [JSON.stringify(applicationIds)],
  );
  return new Map(rows.map(({ application_id, defaulted }) => [application_id, defaulted === 1]));
}
