/**
 * The dashboard as data: which marts it reads and what each visual shows. The marts are those behind our own pages (`sql/marts/`), so a
 * figure is computed once; titles and measures follow the page Overview.
 */
export type ColumnType = 'STRING' | 'INTEGER' | 'DECIMAL';
export type MartSpec = { readonly name: string; readonly columns: Readonly<Record<string, ColumnType>> };

export type Measure = {
  readonly column: string;
  readonly aggregate: 'SUM' | 'AVERAGE' | 'MAX';
  readonly label: string;
};
export type VisualSpec =
  | {
      readonly kind: 'kpi';
      readonly id: string;
      readonly title: string;
      readonly mart: string;
      readonly measure: Measure;
    }
  | {
      readonly kind: 'line' | 'bar';
      readonly id: string;
      readonly title: string;
      readonly mart: string;
      readonly category: string;
      readonly measures: readonly Measure[];
    };

export type SheetSpec = { readonly id: string; readonly name: string; readonly visuals: readonly VisualSpec[] };

export const MARTS: readonly MartSpec[] = [
  {
    name: 'totals',
    columns: {
      applications: 'INTEGER',
      borrowers: 'INTEGER',
      labelled: 'INTEGER',
      defaults: 'INTEGER',
      mean_pd: 'DECIMAL',
      mean_score: 'DECIMAL',
      amount_minor: 'INTEGER',
      expected_loss_minor: 'INTEGER',
    },
  },
  {
    name: 'months',
    columns: {
      month: 'STRING',
      applications: 'INTEGER',
      mean_pd: 'DECIMAL',
      labelled: 'INTEGER',
      defaults: 'INTEGER',
      amount_minor: 'INTEGER',
      approved_share: 'DECIMAL',
      declined_share: 'DECIMAL',
      referred_share: 'DECIMAL',
    },
  },
  {
    name: 'grades',
    columns: {
      grade: 'STRING',
      applications: 'INTEGER',
      mean_pd: 'DECIMAL',
      labelled: 'INTEGER',
      defaults: 'INTEGER',
      amount_minor: 'INTEGER',
      expected_loss_minor: 'INTEGER',
    },
  },
  { name: 'outcomes', columns: { outcome: 'STRING', applications: 'INTEGER' } },
];

const sum = (column: string, label: string): Measure => ({ column, aggregate: 'SUM', label });
const mean = (column: string, label: string): Measure => ({ column, aggregate: 'AVERAGE', label });

export const SHEETS: readonly SheetSpec[] = [
  {
    id: 'overview',
    name: 'Overview',
    visuals: [
      {
        kind: 'kpi',
        id: 'applications',
        title: 'Loan applications',
        mart: 'totals',
        measure: sum('applications', 'Loan applications'),
      },
      { kind: 'kpi', id: 'mean-pd', title: 'Mean pd', mart: 'totals', measure: mean('mean_pd', 'Mean pd') },
      {
        kind: 'kpi',
        id: 'expected-loss',
        title: 'Expected loss (minor units)',
        mart: 'totals',
        measure: sum('expected_loss_minor', 'Expected loss'),
      },
      {
        kind: 'line',
        id: 'pd-by-month',
        title: 'Mean pd by month of application',
        mart: 'months',
        category: 'month',
        measures: [mean('mean_pd', 'Mean pd')],
      },
      {
        kind: 'line',
        id: 'outcomes-by-month',
        title: 'Outcomes by month of application',
        mart: 'months',
        category: 'month',
        measures: [
          mean('approved_share', 'Approved'),
          mean('declined_share', 'Declined'),
          mean('referred_share', 'Referred'),
        ],
      },
      {
        kind: 'bar',
        id: 'grades',
        title: 'Applications and defaults by grade',
        mart: 'grades',
        category: 'grade',
        measures: [sum('applications', 'Applications'), sum('defaults', 'Defaults')],
      },
      {
        kind: 'bar',
        id: 'outcomes',
        title: 'What the credit policy says',
        mart: 'outcomes',
        category: 'outcome',
        measures: [sum('applications', 'Applications')],
      },
    ],
  },
];
