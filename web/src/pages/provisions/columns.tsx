import type { Provisions } from '../../contract.ts';
import { formatCount, formatDecimal, formatMoneyWhole, formatPercent } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';

function money<Row>(key: string, title: string, currency: string, of: (row: Row) => number): Column<Row> {
  return {
    key,
    title,
    unit: currency,
    align: 'right',
    value: (row) => of(row) / 100,
    cell: (row) => formatMoneyWhole(of(row), currency),
  };
}

function count<Row>(key: string, title: string, of: (row: Row) => number): Column<Row> {
  return { key, title, align: 'right', value: of, cell: (row) => formatCount(of(row)) };
}

function percent<Row>(key: string, title: string, of: (row: Row) => number, digits = 2): Column<Row> {
  return { key, title, align: 'right', value: of, cell: (row) => formatPercent(of(row), digits) };
}

type Stage = Provisions['stages'][number];
const STAGES: Readonly<Record<number, string>> = {
  1: '1 · performing',
  2: '2 · risk has risen',
  3: '3 · credit-impaired',
};

export const stageColumns = (currency: string): readonly Column<Stage>[] => [
  { key: 'stage', title: 'Stage', value: (row) => STAGES[row.stage] ?? row.stage },
  count('loans', 'Loans', (row) => row.loans),
  money('exposure', 'Owed', currency, (row) => row.exposureMinor),
  money('allowance', 'Allowance', currency, (row) => row.allowanceMinor),
  percent('coverage', 'Coverage', (row) => row.coverage),
];

type Grade = Provisions['grades'][number];
export const gradeColumns = (currency: string): readonly Column<Grade>[] => [
  { key: 'grade', title: 'Grade', value: (row) => row.grade },
  count('loans', 'Loans', (row) => row.loans),
  money('exposure', 'Owed', currency, (row) => row.exposureMinor),
  money('ifrs9', 'IFRS 9', currency, (row) => row.allowanceMinor),
  money('cecl', 'CECL', currency, (row) => row.ceclMinor),
  percent('coverage', 'Coverage', (row) => row.coverage),
];

type Scenario = Provisions['scenarios'][number];
export const scenarioColumns = (currency: string): readonly Column<Scenario>[] => [
  { key: 'name', title: 'Scenario', value: (row) => row.name },
  percent('weight', 'Weight', (row) => row.weight, 0),
  {
    key: 'shift',
    title: 'Shift of log-odds',
    align: 'right',
    value: (row) => row.logOddsShift,
    cell: (row) => formatDecimal(row.logOddsShift, 2),
    hint: 'Added to the log-odds of every PD. 0.7 about doubles a small PD.',
  },
  money('twelve', '12-month loss', currency, (row) => row.twelveMonthMinor),
  money('lifetime', 'Lifetime loss', currency, (row) => row.lifetimeMinor),
  money('ifrs9', 'IFRS 9', currency, (row) => row.ifrs9Minor),
  money('cecl', 'CECL', currency, (row) => row.ceclMinor),
];

type Bucket = Provisions['bucketPds'][number];
export const BUCKET_COLUMNS: readonly Column<Bucket>[] = [
  { key: 'bucket', title: 'Days past due', value: (row) => row.bucket },
  percent('pd', 'To 90 within twelve months', (row) => row.pd12m, 1),
];
