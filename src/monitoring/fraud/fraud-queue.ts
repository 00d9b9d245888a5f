import type { FeatureRow, FeatureValue, Portfolio } from '../../domain/index.ts';
import { createProcessedViews, FEATURES_KEY, tablesOf } from '../../features/index.ts';
import { type FraudApplication, type ScannedApplication, scanBook } from '../../fraud/index.ts';
import type { Lake, Warehouse } from '../../platform/index.ts';

export type FraudContext = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };

export type FraudQueue = {
  readonly state: 'ready' | 'empty' | 'not_configured';
  readonly scanned: number;
  /** Applications by band. */
  readonly bands: Readonly<Record<'low' | 'look' | 'high', number>>;
  /** Most suspicious first; those of band `low` are left out. */
  readonly rows: readonly ScannedApplication[];
  readonly total: number;
};

const SCHEMA = 'fraud_book';
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

/** Assesses every application of the processed zone, with the feature that income is held against. */
async function scanLake(context: FraudContext): Promise<readonly ScannedApplication[]> {
  const { warehouse, lake, portfolio } = context;
  const definition = portfolio.fraud!;
  const evidence = definition.income?.evidenceFeature;
  const columns = new Set([
    ...definition.links.flatMap((link) => [...link.columns, ...(link.differs ?? [])]),
    ...(definition.income ? [definition.income.column, ...definition.income.usual] : []),
  ]);
  const tables = tablesOf(portfolio).filter(({ name }) => name === 'loan_applications');
  await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await warehouse.run(`CREATE SCHEMA ${SCHEMA}`);
  try {
    await createProcessedViews({ warehouse, lake }, SCHEMA, tables);
    const hasFeatures = evidence !== undefined && (await lake.exists(FEATURES_KEY));
    const join = hasFeatures
      ? `LEFT JOIN read_parquet('${lake.path(FEATURES_KEY).replaceAll("'", "''")}') f USING (application_id)`
      : '';
    const types = new Map(tables[0]?.columns.map((column) => [column.name, column.type]));
    const selected = [...columns].map((name) =>
      ['date', 'timestamp'].includes(types.get(name) ?? '')
        ? `CAST(a.${quoted(name)} AS VARCHAR) AS ${quoted(name)}`
        : `a.${quoted(name)}`,
    );
    const rows = await warehouse.rows(
      `SELECT application_id, a.borrower_id, epoch_ms(a.applied_at) AS at_ms${hasFeatures ? `, f.${quoted(evidence)} AS _seen` : ''}, ${selected.join(', ')}
       FROM ${SCHEMA}.loan_applications a ${join}`,
    );
    return scanBook(
      definition,
      rows.map((row) => rowOf(row, columns, evidence)),
    ).applications;
  } finally {
    await warehouse.run(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Row = Record<string, string | number | boolean | null>;

function rowOf(
  row: Row,
  columns: ReadonlySet<string>,
  evidence: string | undefined,
): { application: FraudApplication; features?: FeatureRow } {
  const cell = (value: Row[string] | undefined): FeatureValue =>
    value === undefined || value === null ? null : typeof value === 'boolean' ? String(value) : value;
  return {
    application: {
      applicationId: String(row['application_id']),
      borrowerId: String(row['borrower_id']),
      appliedAt: new Date(Number(row['at_ms'])),
      columns: Object.fromEntries([...columns].map((name) => [name, cell(row[name])])),
    },
    ...(evidence === undefined ? {} : { features: { [evidence]: cell(row['_seen']) } }),
  };
}
