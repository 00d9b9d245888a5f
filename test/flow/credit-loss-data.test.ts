/**
 * The maths of expected loss on real data: monthly reports of 177 Fannie Mae loans of 2007 (roll rates by the SQL of the marts against a
 * count by hand), a sample of US mortgages over 60 quarters (default against house prices and unemployment: how
 * far an economy shifts log-odds) and 2,545 recoveries (LGD). Reads ASSAY_SHARED_DATA; skipped without it.
 * Not tested here: the formulas (src/portfolio/credit-loss) and the pages.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openWarehouse } from '../../src/platform/index.ts';
import { defaultWithin, expectedLoss, STATES, transitionMatrix } from '../../src/portfolio/index.ts';

const DATA = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const skip = existsSync(join(DATA, 'mortgage_panel')) ? false : 'no shared data (set ASSAY_SHARED_DATA)';
const linesOf = (file: string): string[] =>
  gunzipSync(readFileSync(join(DATA, file)))
    .toString('utf8')
    .trim()
    .split('\n');

const PERFORMANCE = 'fannie_mae_2007q3/Performance_2007Q3.txt.gz';
/** Months past due; -1 and -2 are no status. A closing row is prepaid (1) or lost (3, 6, 9). */
type Report = { readonly loan: string; readonly month: number; readonly state: string };

function reportsByHand(): Report[] {
  return linesOf(PERFORMANCE).flatMap((line) => {
    const fields = line.split('|');
    const [month, , year] = (fields[1] ?? '').split('/').map(Number);
    const status = Number(fields[10]);
    const closed = fields[12] ?? '';
    const state = closed === '1' || closed === '01' ? 'paid' : closed !== '' ? 'charged_off' : stateOf(status);
    return state === undefined ? [] : [{ loan: fields[0] ?? '', month: year! * 12 + month! - 1, state }];
  });
}

function stateOf(monthsLate: number): string | undefined {
  if (Number.isNaN(monthsLate) || monthsLate < 0) return undefined;
  return ['current', '30-59', '60-89'][monthsLate] ?? '90+';
}

test('roll rates of real mortgages: the SQL of the mart counts what a count by hand counts', { skip }, async (t) => {
  const warehouse = await openWarehouse({ threads: 1 });
  t.after(() => warehouse.close());
  const reports = reportsByHand();
  const days: Record<string, number> = { current: 0, '30-59': 30, '60-89': 60, '90+': 90, charged_off: 180, paid: 0 };
  await warehouse.run('CREATE SCHEMA mart');
  await warehouse.run(
    'CREATE TABLE mart.loan_performance (loan_id VARCHAR, month_on DATE, days_past_due BIGINT, balance_minor BIGINT)',
  );
  const end = (month: number): string => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`;
  await warehouse.append('mart.loan_performance', [
    reports.map(({ loan }) => loan),
    reports.map(({ month }) => end(month)),
    reports.map(({ state }) => days[state]!),
    reports.map(({ state }) => (state === 'paid' ? 0 : 100)),
  ]);
  const sql = await readFile(new URL('../../sql/marts/roll_rates.sql', import.meta.url), 'utf8');
  const counted = await warehouse.rows<{ from_state: string; to_state: string; loans: number }>(
    `SELECT from_state, to_state, CAST(SUM(loans) AS BIGINT) AS loans FROM (${sql}) GROUP BY ALL`,
  );
  const byHand = new Map<string, number>();
  const sorted = [...reports].sort((a, b) => (a.loan < b.loan ? -1 : a.loan > b.loan ? 1 : a.month - b.month));
  sorted.forEach((now, i) => {
    const next = sorted[i + 1];
    if (next?.loan !== now.loan || next.month !== now.month + 1) return;
    if (now.state === 'paid' || now.state === 'charged_off') return;
    byHand.set(`${now.state}>${next.state}`, (byHand.get(`${now.state}>${next.state}`) ?? 0) + 1);
  });
  assert.deepEqual(
    Object.fromEntries(counted.map((row) => [`${row.from_state}>${row.to_state}`, row.loans]).sort()),
    Object.fromEntries([...byHand].sort()),
  );
  const counts = STATES.map((from) => STATES.map((to) => byHand.get(`${from}>${to}`) ?? 0));
  const matrix = transitionMatrix(counts);
  const within = defaultWithin(matrix, 12);
  // mortgages of 2007 through the crisis: nearly all stay current from month to month, and a loan two months late mostly ends in default
  assert.ok(matrix[0]![0]! > 0.95 && within[0]! > 0.005 && within[0]! < 0.15, `${matrix[0]![0]} ${within[0]}`);
  assert.ok(within[0]! < within[2]! && within[2]! < within[3]! && within[3]! < 1);
});

test('default of real mortgages follows the economy: the span of the shifts that the scenarios are made of', {
  skip,
}, async () => {
  const [header, ...lines] = linesOf('mortgage_panel/mortgage_sample.csv.gz');
  const names = header!.split(',');
  const rows = lines.map((line) => line.split(',').map(Number));
  const column = (name: string): Float64Array => Float64Array.from(rows, (row) => row[names.indexOf(name)]!);
  const target = Uint8Array.from(column('default_time'));
  assert.deepEqual([rows.length, target.reduce((sum, value) => sum + value, 0)], [9573, 244]);
  const logOddsWhere = (keep: (row: number) => boolean): number => {
    const kept = [...rows.keys()].filter(keep);
    const rate = kept.reduce((sum, row) => sum + target[row]!, 0) / kept.length;
    return Math.log(rate / (1 - rate));
  };
  const [price, priceThen, unemployment] = ['hpi_time', 'hpi_orig_time', 'uer_time'].map(column);
  const fallen = (row: number): boolean => price![row]! < 0.9 * priceThen![row]!;
  const houses = logOddsWhere(fallen) - logOddsWhere((row) => price![row]! > 1.1 * priceThen![row]!);
  const jobs = logOddsWhere((row) => unemployment![row]! >= 8) - logOddsWhere((row) => unemployment![row]! < 6);
  // house prices moved default by more than the severe shift of 0.9, unemployment alone by less than the adverse one of 0.4
  assert.ok(houses > 0.9 && houses < 2.5, `house prices ${houses}`);
  assert.ok(jobs > 0 && jobs < 0.6, `unemployment ${jobs}`);
});

test('a measured LGD gives the loss that was measured', { skip }, () => {
  const [header, ...lines] = linesOf('lgd/lgd.csv.gz');
  const at = header!.split(',').indexOf('lgd_time');
  const losses = lines.map((line) => Number(line.split(',')[at]));
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  assert.ok(losses.length === 2545 && Math.abs(mean - 0.228) < 0.001, `${losses.length} ${mean}`);
  const certain = { balanceMinor: 1_000_000, remainingMonths: 12, annualRate: 0, pd12m: 1 };
  const found = expectedLoss(certain, { lgd: mean, prepaymentMonthly: 0, discounted: false });
  assert.ok(Math.abs(found.lifetimeMinor - mean * 1_000_000) < 1e-6);
});
