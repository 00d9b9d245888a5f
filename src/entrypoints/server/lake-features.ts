import type { FeatureSource, KnownFeatures, LoanApplication } from '../../decisions/index.ts';
import { loanApplicationsSchema } from '../../decisions/index.ts';
import type { Portfolio } from '../../domain/index.ts';
import {
  type BorrowerHistory,
  catalogHash,
  compileOnline,
  type OnlineRow,
  openBorrowerHistory,
  tablesOf,
} from '../../features/index.ts';
import type { Lake, Warehouse } from '../../platform/index.ts';

/** What changes when new data was processed. */
const PROCESSED_STAMP_KEY = 'processed/_quality/funnel.json';

export type LakeFeatureSource = FeatureSource & {
  /** Reads the history now, so that the first decision need not wait for it. */
  readonly warmUp: () => Promise<void>;
};

/**
 * Features of an application from its own attributes and from the borrower's history in the processed lake, by the same
 * catalog as in training. The history is read once for each delivery of data; `asOf` is never later than what it knows.
 */
export function openLakeFeatures(context: {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
  readonly portfolio: Portfolio;
}): LakeFeatureSource {
  const { lake, portfolio } = context;
  const tables = tablesOf(portfolio);
  const catalog = portfolio.features;
  const evaluator = compileOnline(catalog, tables);
  const readsHistory = evaluator.lookupTables.length > 0 || Object.keys(evaluator.eventColumns).length > 0;
  const rowOf = applicationRow(portfolio);
  let loaded: { stamp: string; history: Promise<BorrowerHistory> } | undefined;

  const history = async (): Promise<BorrowerHistory> => {
    const stamp = readsHistory ? await stampOf(lake) : '';
    if (loaded?.stamp !== stamp) {
      const opened = openBorrowerHistory({ ...context, catalog, tables });
      loaded = { stamp, history: opened };
      opened.catch(() => {
        loaded = undefined;
      });
    }
    return loaded.history;
  };

  return {
    catalogHash: catalogHash(catalog),
    warmUp: async () => void (await history()),
    asOf: async (now) => {
      const { horizonMicroseconds } = await history();
      if (horizonMicroseconds === null) return now;
      // facts strictly before asOf are seen: one millisecond after the last of them
      return new Date(Math.min(now.getTime(), Math.floor(horizonMicroseconds / 1000) + 1));
    },
    featuresFor: async (application, asOf): Promise<KnownFeatures> => {
      const known = await (loaded?.history ?? history());
      const row = rowOf(application, asOf);
      const features = evaluator.evaluate(known.inputFor(row, asOf.toISOString()));
      return {
        features: withoutNegativeZero(features),
        provenance: {
          events: readsHistory ? known.eventCount(application.borrowerId) : 0,
          source: readsHistory ? 'lake' : 'application',
        },
        missing: known.knows(application.borrowerId) ? [] : ['borrower'],
      };
    },
  };
}

async function stampOf(lake: Lake): Promise<string> {
  if (!(await lake.exists(PROCESSED_STAMP_KEY))) return '';
  return Buffer.from(await lake.get(PROCESSED_STAMP_KEY)).toString('utf8');
}

/** The application as a row of loan_applications. */
function applicationRow(portfolio: Portfolio): (application: LoanApplication, asOf: Date) => OnlineRow {
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
  return Object.fromEntries(Object.entries(features).map(([name, value]) => [name, value === 0 ? 0 : value]));
}
