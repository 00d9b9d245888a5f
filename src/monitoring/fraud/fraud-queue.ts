import { type FraudContext, readFraudBook, type ScannedApplication, scanBook } from '../../fraud/index.ts';

export type FraudQueue = {
  readonly state: 'ready' | 'empty' | 'not_configured';
  readonly scanned: number;
  /** Applications by band. */
  readonly bands: Readonly<Record<'low' | 'look' | 'high', number>>;
  /** Most suspicious first; those of band `low` are left out. */
  readonly rows: readonly ScannedApplication[];
  readonly total: number;
};

const STAMP_KEY = 'processed/_quality/funnel.json';
const NO_BANDS = { low: 0, look: 0, high: 0 };

/** The queue of a book's suspicious applications, apart from credit risk: scanned once for each delivery of data. */
export function openFraudQueue(context: FraudContext) {
  let kept: { stamp: string; scan: Promise<readonly ScannedApplication[]> } | undefined;
  return async ({ limit, offset }: { readonly limit: number; readonly offset: number }): Promise<FraudQueue> => {
    const { lake, portfolio } = context;
    if (!portfolio.fraud) return { state: 'not_configured', scanned: 0, bands: NO_BANDS, rows: [], total: 0 };
    if (!(await lake.exists(STAMP_KEY))) return { state: 'empty', scanned: 0, bands: NO_BANDS, rows: [], total: 0 };
    const stamp = Buffer.from(await lake.get(STAMP_KEY)).toString('utf8');
    if (kept?.stamp !== stamp) {
      const scan = scanLake(context);
      kept = { stamp, scan };
      scan.catch(() => {
        kept = undefined;
      });
    }
    const all = await kept.scan;
    const suspicious = all.filter(({ band }) => band !== 'low').sort(byScore);
    const count = (band: keyof typeof NO_BANDS): number => all.filter((one) => one.band === band).length;
    return {
      state: 'ready',
      scanned: all.length,
      bands: { low: count('low'), look: count('look'), high: count('high') },
      rows: suspicious.slice(offset, offset + limit),
      total: suspicious.length,
    };
  };
}

function byScore(a: ScannedApplication, b: ScannedApplication): number {
  return b.score - a.score || (a.application.applicationId < b.application.applicationId ? -1 : 1);
}

/** Assesses every application of the processed zone. */
async function scanLake(context: FraudContext): Promise<readonly ScannedApplication[]> {
  const definition = context.portfolio.fraud!;
  return scanBook(definition, await readFraudBook(context, definition)).applications;
}
