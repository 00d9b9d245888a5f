/**
 * Features: the SQL generated from the catalog against a query written by hand for the same features, in one run, alternating,
 * over 1,000,000 transactions of 10,000 applicants; and the online evaluation of one borrower with 1,000 events.
 * Run: node bench/features.ts [--json]
 */
import { features as catalog } from '../portfolios/simulated-bank/features.ts';
import { sources } from '../portfolios/simulated-bank/sources.ts';
import { loanApplicationsTable, transactionsTable } from '../src/domain/index.ts';
import { compileDuckdb, compileOnline, type OnlineRow, tablesOf } from '../src/features/index.ts';
import { openWarehouse, type Warehouse } from '../src/platform/index.ts';
import { handWrittenSql } from './features-by-hand.ts';

const TRANSACTIONS = 1_000_000;
const APPLICANTS = 10_000;
const ROUNDS = 7;

export type FeatureBench = {
  readonly features: number;
  readonly generatedMs: number;
  readonly byHandMs: number;
  /** Median of the rounds' ratios, generated over hand-written. */
  readonly ratio: number;
  /** Cells where both queries agree to 1e-9, of all compared. */
  readonly agreeingShare: number;
  readonly onlineFeatures: number;
  readonly onlineEvents: number;
  readonly onlineMsP50: number;
  readonly onlineMsP99: number;
};

const overTransactions = {
  features: catalog.features.filter(
    ({ definition }) => definition.kind === 'aggregate' && definition.source === 'transactions',
  ),
};

export async function benchFeatures(): Promise<FeatureBench> {
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    await fill(warehouse);
    const compiled = compileDuckdb(overTransactions, [loanApplicationsTable, transactionsTable]);
    const generated = compiled.groups[0]!.sql;
    const times: { generated: number; byHand: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      times.push({
        generated: await timed(() => warehouse.run(`CREATE OR REPLACE TABLE generated AS ${generated}`)),
        byHand: await timed(() => warehouse.run(`CREATE OR REPLACE TABLE by_hand AS ${handWrittenSql}`)),
      });
    }
    return {
      features: overTransactions.features.length,
      generatedMs: median(times.map((time) => time.generated)),
      byHandMs: median(times.map((time) => time.byHand)),
      ratio: median(times.map((time) => time.generated / time.byHand)),
      agreeingShare: await agreement(warehouse),
      ...(await benchOnline(warehouse)),
    };
  } finally {
    await warehouse.close();
  }
}

async function fill(warehouse: Warehouse): Promise<void> {
  const day = 86_400_000_000;
  await warehouse.run(`CREATE TABLE transactions AS SELECT
  't' || lpad(CAST(i AS VARCHAR), 9, '0') AS transaction_id, 'a' || (hash(i) % ${APPLICANTS}) AS account_id, 'b' || (hash(i) % ${APPLICANTS}) AS borrower_id,
  TIMESTAMP '2019-09-01' + to_microseconds(CAST(hash(i * 7) % (${day} * 700) AS BIGINT)) AS occurred_at,
  TIMESTAMP '2019-09-01' + to_microseconds(CAST(hash(i * 7) % (${day} * 700) + CASE WHEN hash(i * 19) % 50 = 0 THEN 3 * ${day} ELSE 0 END AS BIGINT)) AS known_at,
  CAST(hash(i * 3) % 200000 AS BIGINT) - 120000 AS amount_minor, CAST(hash(i * 11) % 2000000 AS BIGINT) - 100000 AS balance_minor,
  ['cash', 'transfer', 'card', 'internal'][1 + CAST(hash(i * 13) % 4 AS INTEGER)] AS channel,
  ['salary', 'rent', 'groceries', 'gambling', 'cash_withdrawal', 'sanction_interest', 'dining', 'utilities', 'household', 'card_purchase'][1 + CAST(hash(i * 23) % 10 AS INTEGER)] AS category,
  'c' || (hash(i * 17) % 300) AS counterparty
FROM range(${TRANSACTIONS}) r(i)`);
  await warehouse.run(`CREATE TABLE loan_applications AS SELECT 'l' || i AS application_id, 'b' || i AS borrower_id,
  TIMESTAMP '2021-02-01' + to_days(CAST(i % 180 AS INTEGER)) AS applied_at, i AS source_row FROM range(${APPLICANTS}) r(i)`);
}

async function agreement(warehouse: Warehouse): Promise<number> {
  const close = ({ name, type }: { name: string; type: string }): string =>
    type === 'categorical'
      ? `g.${name} IS NOT DISTINCT FROM h.${name}`
      : `(g.${name} IS NULL AND h.${name} IS NULL OR ABS(g.${name} - h.${name}) <= 1e-9 * GREATEST(1, ABS(h.${name})))`;
  const cells = overTransactions.features
    .map((feature) => `CAST(COALESCE(${close(feature)}, FALSE) AS INTEGER)`)
    .join(' + ');
  const [row] = await warehouse.rows<{ share: number }>(
    `SELECT SUM(${cells}) / CAST(COUNT(*) * ${overTransactions.features.length} AS DOUBLE) AS share FROM generated g JOIN by_hand h ON h.application_id = g.application_id`,
  );
  return row!.share;
}

async function benchOnline(
  warehouse: Warehouse,
): Promise<Pick<FeatureBench, 'onlineFeatures' | 'onlineEvents' | 'onlineMsP50' | 'onlineMsP99'>> {
  // The whole catalog; the applicant has 1,000 transactions and no rows elsewhere.
  const evaluator = compileOnline(catalog, tablesOf({ sources }));
  const events = await warehouse.rows<OnlineRow>(
    `SELECT * REPLACE ('b0' AS borrower_id, strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%f') AS occurred_at, strftime(known_at, '%Y-%m-%dT%H:%M:%S.%f') AS known_at) FROM transactions ORDER BY transaction_id LIMIT 1000`,
  );
  const application = { application_id: 'l0', borrower_id: 'b0', applied_at: '2021-07-01T00:00:00' };
  const input = { application, events: { transactions: events }, asOf: '2021-07-01T00:00:00' };
  for (let i = 0; i < 200; i++) evaluator.evaluate(input);
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) times.push(await timed(() => evaluator.evaluate(input)));
  times.sort((a, b) => a - b);
  return {
    onlineFeatures: catalog.features.length,
    onlineEvents: events.length,
    onlineMsP50: times[500]!,
    onlineMsP99: times[990]!,
  };
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  const result = work();
  if (result instanceof Promise) await result;
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (import.meta.main) {
  const result = await benchFeatures();
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.table(result);
}
