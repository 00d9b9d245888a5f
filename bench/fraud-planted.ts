/** Planted fraud on two books, and how well the signals find it; see bench/fraud.ts for the rule. */
import { join } from 'node:path';
import { fraud as lendingClubFraud } from '../portfolios/lending-club/fraud.ts';
import { fraud as bankFraud } from '../portfolios/simulated-bank/fraud.ts';
import type { FeatureRow, FeatureValue, FraudDefinition } from '../src/domain/index.ts';
import { type FraudApplication, mulberry32, scanBook } from '../src/fraud/index.ts';
import { openLocalLake, openWarehouse, type Warehouse } from '../src/platform/index.ts';
import { auc } from '../src/training/index.ts';

export type Row = { application: FraudApplication; features?: FeatureRow; kind: 'honest' | 'copy' | 'income' | 'ring' };
const SHARE = 0.02;
const RING = 6;
const DAY_MS = 86_400_000;
/** Books are planted anew with each. */
const FIRST_SEED = 2011;

export async function plantedBooks(data: string, home: string | undefined, seeds: number) {
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const found = [overSeeds(seeds, 'Lending Club 2011', lendingClubFraud, plantClub, await clubRows(warehouse, data))];
    if (home) found.push(overSeeds(seeds, 'simulated bank', bankFraud, plantBank, await bankRows(warehouse, home)));
    return found;
  } finally {
    await warehouse.close();
  }
}

/** Mean over the seeds, and the lowest and the highest. */
export function spreadOf(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${mean.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

function overSeeds(
  seeds: number,
  name: string,
  ...[definition, plantBook, honest]: [FraudDefinition, (honest: readonly Row[], seed: number) => Row[], readonly Row[]]
) {
  const runs = Array.from({ length: seeds }, (_, i) => measure(definition, plantBook(honest, FIRST_SEED + i)));
  const of = (name: keyof (typeof runs)[number]): string =>
    spreadOf(
      runs.map((run) => run[name]),
      name === 'precisionAt100' ? 2 : 3,
    );
  return {
    name,
    rows: runs[0]!.rows,
    planted: runs[0]!.planted,
    seeds,
    all: of('all'),
    copies: of('copies'),
    income: of('income'),
    rings: of('rings'),
    precisionAt100: of('precisionAt100'),
  };
}

function measure(definition: FraudDefinition, rows: readonly Row[]) {
  const kindOf = new Map(rows.map((row) => [row.application.applicationId, row.kind]));
  const scanned = scanBook(definition, rows).applications;
  const aucOf = (kinds: readonly string[]): number => {
    const of = scanned.filter(({ application }) =>
      [...kinds, 'honest'].includes(kindOf.get(application.applicationId)!),
    );
    const target = of.map(({ application }) => (kindOf.get(application.applicationId) === 'honest' ? 0 : 1));
    return auc({ scores: of.map(({ score }) => score), target });
  };
  const queue = [...scanned].sort((a, b) => b.score - a.score).slice(0, 100);
  const hits = queue.filter(({ application }) => kindOf.get(application.applicationId) !== 'honest').length;
  return {
    rows: rows.length,
    planted: rows.filter(({ kind }) => kind !== 'honest').length,
    all: aucOf(['copy', 'income', 'ring']),
    copies: aucOf(['copy']),
    income: aucOf(['income']),
    rings: aucOf(['ring']),
    precisionAt100: hits / 100,
  };
}

type Lift = (row: Row, times: number) => void;
/** What the members of a ring share; and what each has of its own, so that a ring is found by nothing else. */
type RingOf = (row: Row, ring: number, random: () => number) => Record<string, FeatureValue>;
type OwnOf = (random: () => number) => Record<string, FeatureValue>;

function plant(
  honest: readonly Row[],
  how: { lift: Lift; ringOf: RingOf; ownOf: OwnOf; copied: readonly string[]; seed: number },
): Row[] {
  const { lift, ringOf, ownOf, copied, seed } = how;
  const random = mulberry32(seed);
  const each = Math.round((honest.length * SHARE) / 3);
  const pick = (): Row => honest[Math.floor(random() * honest.length)]!;
  const clone = (row: Row, id: string, kind: Row['kind'], more: Record<string, FeatureValue>, days: number): Row => ({
    ...row,
    kind,
    application: {
      applicationId: id,
      borrowerId: `${id}-borrower`,
      appliedAt: new Date(row.application.appliedAt.getTime() + days * DAY_MS),
      columns: { ...row.application.columns, ...more },
    },
  });
  const copies = Array.from({ length: each }, (_, i) => {
    const original = pick();
    // what the copy does not take over is another applicant's
    const other = pick();
    const own = Object.fromEntries(
      Object.entries(other.application.columns).filter(([name]) => !copied.includes(name)),
    );
    return clone(original, `copy-${i}`, 'copy', own, 1 + Math.floor(random() * 60));
  });
  const rings = Array.from({ length: Math.ceil(each / RING) }, (_, ring) => {
    const leader = pick();
    const shared = ringOf(leader, ring, random);
    return Array.from({ length: RING }, (_, i) => {
      const member = pick();
      const at = leader.application.appliedAt;
      const moved = { ...member, application: { ...member.application, appliedAt: at } };
      return clone(moved, `ring-${ring}-${i}`, 'ring', { ...ownOf(random), ...shared }, Math.floor(random() * 10));
    });
  }).flat();
  const chosen = new Set<Row>();
  while (chosen.size < each) chosen.add(pick());
  const rest = honest.map((row): Row => {
    if (!chosen.has(row)) return row;
    const lifted: Row = {
      ...row,
      kind: 'income',
      application: { ...row.application, columns: { ...row.application.columns } },
    };
    lift(lifted, 1.8 + 1.2 * random());
    return lifted;
  });
  return [...rest, ...copies, ...rings];
}

const set = (row: Row, name: string, value: FeatureValue): void => {
  (row.application.columns as Record<string, FeatureValue>)[name] = value;
};

const IDENTITY = ['earliest_credit_line_on', 'total_lines', 'open_lines', 'zip3', 'revolving_balance_minor'];

function plantClub(honest: readonly Row[], seed: number): Row[] {
  const lift: Lift = (row, times) => {
    const { columns } = row.application;
    set(row, 'annual_income_minor', Math.round(Number(columns['annual_income_minor']) * times));
    set(row, 'debt_to_income', Number(columns['debt_to_income']) / times);
  };
  const ring: RingOf = (leader, number, random) => {
    const shared = { employer_key: `ring employer ${number}`, zip3: leader.application.columns['zip3'] ?? '900' };
    return random() < 0.5
      ? { ...shared, amount_minor: 1_000_000, term_months: 36, loan_purpose: 'debt_consolidation' }
      : shared;
  };
  const ownOf: OwnOf = (random) => ({
    revolving_balance_minor: Math.floor(random() * 5e6) + 0.5,
    total_lines: 1 + Math.floor(random() * 60),
  });
  return plant(honest, { lift, ringOf: ring, ownOf, copied: IDENTITY, seed });
}

function plantBank(honest: readonly Row[], seed: number): Row[] {
  const lift: Lift = (row, times) => {
    set(row, 'declared_income_minor', Math.round(Number(row.application.columns['declared_income_minor']) * times));
  };
  const ring: RingOf = (_, number, random): Record<string, FeatureValue> =>
    random() < 0.5
      ? { device_id: `ring-device-${number}` }
      : { phone: `+43 1 ${9_000_000 + number}`, employer: 'Ring Ltd' };
  const ownOf: OwnOf = () => ({ email: null, phone: null, address: null, device_id: null });
  return plant(honest, { lift, ringOf: ring, ownOf, copied: ['email', 'phone', 'address', 'employer'], seed });
}

export async function clubRows(warehouse: Warehouse, data: string): Promise<Row[]> {
  const file = join(data, 'lending_club/loans_2007_2011_asof_2017-10.csv.gz');
  const rows = await warehouse.rows(
    `SELECT 'lc' || row_number() OVER () AS id, CAST(issue_d AS VARCHAR) AS at, CAST(loan_amnt * 100 AS BIGINT) AS amount_minor,
       CAST(term AS BIGINT) AS term_months, purpose AS loan_purpose, CAST(annual_inc * 100 AS DOUBLE) AS annual_income_minor, dti AS debt_to_income,
       lower(emp_title) AS employer_key, CAST(zip_code AS VARCHAR) AS zip3, addr_state AS state, home_ownership AS housing,
       CAST(regexp_extract(emp_length, '[0-9]+') AS VARCHAR) AS employment_years, verification_status AS income_verification,
       CAST(earliest_cr_line AS VARCHAR) AS earliest_credit_line_on, CAST(total_acc AS DOUBLE) AS total_lines, CAST(open_acc AS DOUBLE) AS open_lines,
       CAST(revol_bal * 100 AS DOUBLE) AS revolving_balance_minor, CAST(revol_util AS DOUBLE) AS revolving_utilization
     FROM read_csv('${file.replaceAll("'", "''")}', nullstr = ['', 'n/a', 'NA'], sample_size = -1) WHERE issue_year = 2011`,
  );
  return rows.map(({ id, at, ...columns }) => rowOf(String(id), String(id), String(at), columns));
}

export async function bankRows(warehouse: Warehouse, home: string): Promise<Row[]> {
  const lake = openLocalLake(join(home, 'lake/simulated-bank'));
  const rows = await warehouse.rows(
    `SELECT a.application_id, a.borrower_id, CAST(a.applied_at AS VARCHAR) AS at, a.amount_minor, a.term_months, a.declared_income_minor,
       a.employer, a.email, a.phone, a.address, a.device_id, f.income_monthly
     FROM read_parquet('${lake.path('processed/loan_applications')}/*/*.parquet', hive_partitioning = false) a
     JOIN read_parquet('${lake.path('modeled/features/features.parquet')}') f USING (application_id)`,
  );
  return rows.map(({ application_id, borrower_id, at, income_monthly, ...columns }) => ({
    ...rowOf(String(application_id), String(borrower_id), String(at), columns),
    features: { income_monthly: typeof income_monthly === 'number' ? income_monthly : null },
  }));
}

function rowOf(applicationId: string, borrowerId: string, at: string, columns: Record<string, unknown>): Row {
  const plain = Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'string' ? value : null,
    ]),
  );
  const appliedAt = new Date(`${at.slice(0, 10)}T${at.slice(11, 19) || '00:00:00'}Z`);
  return { kind: 'honest', application: { applicationId, borrowerId, appliedAt, columns: plain } };
}
