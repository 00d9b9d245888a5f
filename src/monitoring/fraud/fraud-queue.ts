import { type FraudContext, readFraudBook, type ScannedApplication, scanBook } from '../../fraud/index.ts';

export type FraudQueuePage = {
  readonly state: 'ready' | 'empty' | 'not_configured';
  readonly scanned: number;
  /** Applications by band. */
  readonly bands: Readonly<Record<'low' | 'look' | 'high', number>>;
  /** Most suspicious first; those of band `low` are left out. */
  readonly rows: readonly ScannedApplication[];
  readonly total: number;
};

/** The queue of a book's suspicious applications, apart from credit risk. */
export type FraudQueue = {
  readonly page: (range: { readonly limit: number; readonly offset: number }) => Promise<FraudQueuePage>;
  /** An application of the queue. */
  readonly find: (applicationId: string) => Promise<ScannedApplication | undefined>;
  /** Application ids, most suspicious first. */
  readonly ranking: () => Promise<readonly string[]>;
};

const STAMP_KEY = 'processed/_quality/funnel.json';
const NOTHING = { scanned: 0, bands: { low: 0, look: 0, high: 0 }, rows: [], total: 0 };

type Scan = Pick<FraudQueuePage, 'scanned' | 'bands'> & { readonly suspicious: readonly ScannedApplication[] };

/** Scanned once for each delivery of data. */
export function openFraudQueue(context: FraudContext): FraudQueue {
  const { lake, portfolio } = context;
  let kept: { stamp: string; scan: Promise<Scan> } | undefined;
  const current = async (): Promise<Scan | 'empty' | 'not_configured'> => {
    if (!portfolio.fraud) return 'not_configured';
    if (!(await lake.exists(STAMP_KEY))) return 'empty';
    const stamp = Buffer.from(await lake.get(STAMP_KEY)).toString('utf8');
    if (kept?.stamp !== stamp) {
      const scan = scanLake(context);
      kept = { stamp, scan };
      scan.catch(() => {
        kept = undefined;
      });
    }
    return kept.scan;
  };
  const suspicious = async (): Promise<readonly ScannedApplication[]> => {
    const scan = await current();
    return typeof scan === 'string' ? [] : scan.suspicious;
  };
  return {
    page: async ({ limit, offset }) => {
      const scan = await current();
      if (typeof scan === 'string') return { state: scan, ...NOTHING };
      const { suspicious: all, ...counts } = scan;
      return { state: 'ready', ...counts, rows: all.slice(offset, offset + limit), total: all.length };
    },
    find: async (applicationId) =>
      (await suspicious()).find(({ application }) => application.applicationId === applicationId),
    ranking: async () => (await suspicious()).map(({ application }) => application.applicationId),
  };
}

/** Assesses every application of the processed zone, by all that is known now: a queue is read when the others have come. */
async function scanLake(context: FraudContext): Promise<Scan> {
  const definition = context.portfolio.fraud!;
  const all = scanBook(definition, await readFraudBook(context, definition), { lookBack: true }).applications;
  const count = (band: ScannedApplication['band']): number => all.filter((one) => one.band === band).length;
  return {
    scanned: all.length,
    bands: { low: count('low'), look: count('look'), high: count('high') },
    suspicious: all.filter(({ band }) => band !== 'low').sort(byScore),
  };
}

function byScore(a: ScannedApplication, b: ScannedApplication): number {
  return b.score - a.score || (a.application.applicationId < b.application.applicationId ? -1 : 1);
}
