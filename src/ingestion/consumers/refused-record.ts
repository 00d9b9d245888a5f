import type { ReceivedRecord } from '../../platform/index.ts';
import type { RefusedEvent } from '../events/dead-letters.ts';
import { streamedEventOf } from '../events/prepare.ts';
import { originalOf } from './lost-fact.ts';

/**
 * Classes of SQLSTATE that content causes, so that trying again cannot help: 22 data exception, 23 integrity constraint, 54 program
 * limit (an index entry too long). Anything else may pass: it is waited for.
 */
const CAUSED_BY_CONTENT = /^(22|23|54)[0-9A-Z]{3}$/;

/** What PostgreSQL says of content it will never take; undefined for any other failure. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = String(error.code);
  return CAUSED_BY_CONTENT.test(code) ? `the database refuses it (${code}): ${error.message}` : undefined;
}

/**
 * Applies records in order, all at once where that is taken. One that the database refuses for what it holds is found by halves
 * and set aside alone, so that it holds up nobody: at most two calls for each halving of each such record.
 * @throws what is no refusal of content, and what setting aside throws
 */
export async function applyAround(
  records: readonly ReceivedRecord[],
  apply: (records: readonly ReceivedRecord[]) => Promise<void>,
  setAside: (record: ReceivedRecord, refused: RefusedEvent) => Promise<void>,
): Promise<void> {
  try {
    return await apply(records);
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === undefined) throw error;
    const [only, second] = records;
    if (only !== undefined && second === undefined) return setAside(only, refusedOf(only, reason));
  }
  const half = Math.ceil(records.length / 2);
  await applyAround(records.slice(0, half), apply, setAside);
  await applyAround(records.slice(half), apply, setAside);
}

function refusedOf({ data }: ReceivedRecord, reason: string): RefusedEvent {
  const event = streamedEventOf(Buffer.from(data).toString('utf8'));
  return { source: event.source, field: null, reason, original: originalOf(event) };
}
