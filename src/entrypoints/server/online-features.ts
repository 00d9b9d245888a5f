import type { FeatureSource, KnownFeatures } from '../../decisions/index.ts';
import { loanApplicationsSchema } from '../../decisions/index.ts';
import { AssayError, type Portfolio } from '../../domain/index.ts';
import {
  catalogHash,
  compileOnline,
  compileStoredHistory,
  decisionTime,
  type OnlineRow,
  tablesOf,
} from '../../features/index.ts';
import { type BorrowerFacts, EMPTY_BOOK, type FactsRead, type OnlineStore } from '../../platform/index.ts';

/** Borrowers read in one round trip. */
const MAX_READ = 100;

/** What a feature may see of an application. */
type Submitted = Parameters<FeatureSource['featuresAsOf']>[0];

export type OnlineFeatureSource = FeatureSource & {
  /** @throws AssayError unavailable before the online store was filled, where the catalog needs it */
  readonly ready: () => Promise<void>;
};

/**
 * Features of an application from its own attributes and from what the online store holds of the borrower, by the same catalog
 * as in training: an event applied before the call is seen. Borrowers asked for at once are read in one round trip.
 */
export function openOnlineFeatures(context: {
  readonly store: OnlineStore;
  readonly portfolio: Portfolio;
}): OnlineFeatureSource {
  const { store, portfolio } = context;
  const tables = tablesOf(portfolio);
  const evaluator = compileOnline(portfolio.features, tables);
  const history = compileStoredHistory(portfolio.features, tables);
  const readsHistory = history.tables.length > 0;
  const rowOf = applicationRow(portfolio);
  const factsOf = readTogether((ids) => store.factsOf(ids, history.tables));

  const evaluate = async (
    application: Submitted,
    read: FactsRead,
    timeOf: (facts: BorrowerFacts) => Date,
  ): Promise<KnownFeatures> => {
    const facts = read.borrowers.get(application.borrowerId) ?? NO_FACTS;
    const asOf = timeOf(facts);
    const row = rowOf(application, asOf);
    const references = readsHistory ? await store.references(read.book, history.tables) : new Map();
    const input = history.inputFor({ application: row, facts, references, asOf: asOf.toISOString() });
    return {
      features: withoutNegativeZero(evaluator.evaluate(input)),
      provenance: {
        events: history.eventCount(facts),
        source: readsHistory ? 'online_store' : 'application',
        ...(readsHistory && { snapshot: read.book.snapshotId, streamed: facts.streamedMicroseconds.length }),
      },
      missing: history.knows(facts) ? [] : ['borrower'],
      asOf,
    };
  };

  return {
    catalogHash: catalogHash(portfolio.features),
    ready: async () => {
      if (!readsHistory || (await store.book()).generation > 0) return;
      throw new AssayError('unavailable', {
        what: 'the online store has not been filled yet',
        fix: 'wait for the pipeline, or run it: assay pipeline run',
      });
    },
    featuresFor: async (application, now) => {
      const read = readsHistory ? await factsOf(application.borrowerId) : NOTHING_READ;
      return evaluate(application, read, (facts) => decisionTime({ book: read.book, facts, now }));
    },
    featuresAsOf: async (application, asOf) => {
      const read = readsHistory ? await factsOf(application.borrowerId) : NOTHING_READ;
      return (await evaluate(application, read, () => asOf)).features;
    },
  };
}

const NO_FACTS: BorrowerFacts = { tables: new Map(), streamedMicroseconds: [], appliedAt: null };
const NOTHING_READ: FactsRead = { book: EMPTY_BOOK, borrowers: new Map() };

type Asked = {
  readonly id: string;
  readonly resolve: (read: FactsRead) => void;
  readonly reject: (error: unknown) => void;
};

/** Collects what is asked for within one turn of the event loop into one read. */
function readTogether(read: (ids: readonly string[]) => Promise<FactsRead>): (id: string) => Promise<FactsRead> {
  let asked: Asked[] = [];
  const flush = (): void => {
    const all = asked;
    asked = [];
    for (let from = 0; from < all.length; from += MAX_READ) void answer(all.slice(from, from + MAX_READ));
  };
  const answer = async (some: readonly Asked[]): Promise<void> => {
    try {
      const facts = await read([...new Set(some.map(({ id }) => id))]);
      for (const { resolve } of some) resolve(facts);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  };
  return (id) =>
    new Promise((resolve, reject) => {
      if (asked.push({ id, resolve, reject }) === 1) setImmediate(flush);
    });
}

/** The application as a row of loan_applications. */
function applicationRow(portfolio: Portfolio): (application: Submitted, asOf: Date) => OnlineRow {
  const schema = loanApplicationsSchema(portfolio);
  const booleans = schema.columns.filter((column) => column.type === 'boolean').map((column) => column.name);
  return (application, asOf) => {
    const row: Record<string, OnlineRow[string]> = { ...application.columns };
    for (const name of booleans) if (typeof row[name] === 'string') row[name] = row[name] === 'true';
    row['application_id'] = application.applicationId;
    row['borrower_id'] = application.borrowerId;
    if (schema.eventTime) row[schema.eventTime] = asOf.toISOString().replace('Z', '');
    return row;
  };
}

/** A record is JSON, which has no negative zero; neither may what is scored. */
function withoutNegativeZero<Row extends KnownFeatures['features']>(features: Row): KnownFeatures['features'] {
  if (!Object.values(features).some((value) => Object.is(value, -0))) return features;
  return Object.fromEntries(Object.entries(features).map(([name, value]) => [name, value === 0 ? 0 : value]));
}
