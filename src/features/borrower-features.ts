import { AssayError, type FeatureCatalog, type FeatureRow, type TableSchema } from '../domain/index.ts';
import type { BorrowerFacts, FactReader, FactValue } from '../platform/index.ts';
import type { OnlineRow } from './online/columns.ts';
import { decisionTime } from './online/decision-time.ts';
import { compileOnline } from './online/evaluate-online.ts';
import { compileStoredHistory, onlineRow } from './online/stored-history.ts';
import { SPINE_TABLE } from './references.ts';
import { formatMicroseconds, MICROSECONDS_PER_DAY, parseMicroseconds } from './time.ts';

/** Instants of one request. */
export const MAX_INSTANTS = 100;
const DEFAULT_POINTS = 13;

export type BorrowerFeatureRow = {
  /** ISO UTC, six decimals: facts strictly before it are seen. */
  readonly asOf: string;
  /** The loan application whose attributes count: the borrower's latest made by then; null: none, attributes are missing. */
  readonly applicationId: string | null;
  readonly features: FeatureRow;
};

export type BorrowerFeatures = {
  readonly borrowerId: string;
  /** Streamed facts of the borrower that the store holds beside its snapshot. */
  readonly streamedFacts: number;
  readonly rows: readonly BorrowerFeatureRow[];
};

export type BorrowerFeaturesRequest = {
  readonly borrowerId: string;
  /**
   * Up to when: an ISO UTC time, or the wall clock's now, which is as of when the next decision would be made. `overDays`: from so
   * long before, in `points` equal steps (2 to 100).
   */
  readonly until: string | Date;
  readonly overDays?: number;
  readonly points?: number;
};

/**
 * A borrower's features at chosen instants, from what the store holds: each row sees what had happened and was known strictly
 * before its instant, so that a late fact changes later rows only.
 * @throws AssayError not_found for a borrower of whom nothing is known; bad_input for a time that cannot be read
 * @example const read = openBorrowerFeatures({ facts: store, catalog, tables }); await read({ borrowerId: 'b1', until: '2024-05-01' });
 */
export function openBorrowerFeatures(context: {
  readonly facts: FactReader;
  readonly catalog: FeatureCatalog;
  readonly tables: readonly TableSchema[];
}): (request: BorrowerFeaturesRequest) => Promise<BorrowerFeatures> {
  const { facts: reader, catalog, tables } = context;
  const evaluator = compileOnline(catalog, tables);
  const history = compileStoredHistory(catalog, tables);
  const spine = tables.find(({ name }) => name === SPINE_TABLE)!;
  const wanted = [...new Set([...history.tables, spine.name])];
  return async ({ borrowerId, until, overDays = 0, points = DEFAULT_POINTS }) => {
    const { book, borrowers } = await reader.factsOf([borrowerId], wanted);
    const facts = borrowers.get(borrowerId)!;
    if (facts.tables.size === 0) throw unknownBorrower(borrowerId);
    const references = await reader.references(book, history.tables);
    const last =
      typeof until === 'string' ? parseMicroseconds(until) : decisionTime({ book, facts, now: until }).getTime() * 1000;
    const rows = spread(last, { overDays, points }).map((asOf) => {
      const application = latestApplication(spine, facts, asOf);
      const text = formatMicroseconds(asOf);
      const row = { ...application, borrower_id: borrowerId, [spine.eventTime!]: text };
      const features = evaluator.evaluate(history.inputFor({ application: row, facts, references, asOf: text }));
      return { asOf: text, applicationId: textOrNull(application?.['application_id']), features };
    });
    return { borrowerId, streamedFacts: facts.streamedMicroseconds.length, rows };
  };
}

/** Equal steps up to and with the last instant. */
function spread(end: number, { overDays, points }: { readonly overDays: number; readonly points: number }): number[] {
  if (overDays === 0 || points === 1) return [end];
  const step = Math.floor((overDays * MICROSECONDS_PER_DAY) / (points - 1));
  return Array.from({ length: points }, (_, i) => end - step * (points - 1 - i));
}

function latestApplication(spine: TableSchema, facts: BorrowerFacts, asOf: number): OnlineRow | undefined {
  const stored = facts.tables.get(spine.name);
  if (!stored) return undefined;
  const time = stored.columns.indexOf(spine.eventTime!);
  const id = stored.columns.indexOf('application_id');
  let latest: readonly FactValue[] | undefined;
  for (const values of stored.rows) {
    if (!(Number(values[time]) <= asOf)) continue;
    if (!latest || compareMade(values, latest, [time, id]) > 0) latest = values;
  }
  return latest && onlineRow(spine, stored.columns, latest);
}

function compareMade(a: readonly FactValue[], b: readonly FactValue[], [time, id]: readonly [number, number]): number {
  return Number(a[time]) - Number(b[time]) || (String(a[id]) < String(b[id]) ? -1 : 1);
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function unknownBorrower(borrowerId: string): AssayError {
  return new AssayError('not_found', {
    what: 'nothing is known of this borrower',
    given: borrowerId.slice(0, 100),
    fix: 'check the id; a new borrower is known once an event or a file named it',
  });
}
