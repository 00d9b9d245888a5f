/**
 * The dashboard as data, all of it from the specification of our own page Overview (`src/portfolio/overview-spec.ts`): a data set for the
 * headline figures and for each mart a chart reads, a visual for each figure and each chart.
 */
import {
  CHART_IDS,
  CHARTS,
  type ChartId,
  type ColumnSpec,
  DATASETS,
  datasetSql,
  FIGURES,
  type FigureUnit,
  figureColumn,
  figuresSql,
  type MeasureSpec,
} from '../../../src/portfolio/overview-spec.ts';

export type ColumnType = 'STRING' | 'INTEGER' | 'DECIMAL';
export type DataSetSpec = {
  readonly name: string;
  readonly sql: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
};

export type VisualSpec =
  | {
      readonly kind: 'kpi';
      readonly id: string;
      readonly title: string;
      readonly dataSet: string;
      readonly measure: MeasureSpec;
    }
  | {
      readonly kind: 'bar' | 'line' | 'combo';
      readonly id: string;
      readonly title: string;
      readonly subtitle: string;
      readonly dataSet: string;
      readonly category: string;
      readonly series?: string;
      readonly bars: readonly MeasureSpec[];
      readonly lines: readonly MeasureSpec[];
    };

export type SheetSpec = { readonly id: string; readonly name: string; readonly visuals: readonly VisualSpec[] };

const TYPES: Readonly<Record<ColumnSpec['type'], ColumnType>> = {
  text: 'STRING',
  integer: 'INTEGER',
  number: 'DECIMAL',
};
const UNIT_TYPES: Readonly<Record<FigureUnit, ColumnType>> = {
  count: 'INTEGER',
  minor: 'INTEGER',
  share: 'DECIMAL',
  points: 'DECIMAL',
};
/** As `LoadMarts` calls the tables in Redshift. */
const inRedshift = (mart: string): string => `marts.${mart}`;
const FIGURES_SET = 'figures';

export const DATA_SETS: readonly DataSetSpec[] = [
  {
    name: FIGURES_SET,
    sql: figuresSql(inRedshift),
    columns: Object.fromEntries(FIGURES.map(({ key, unit }) => [figureColumn(key), UNIT_TYPES[unit]])),
  },
  ...DATASETS.map((dataset) => ({
    name: dataset.mart,
    sql: datasetSql(dataset, inRedshift),
    columns: Object.fromEntries(dataset.columns.map(({ name, type }) => [name, TYPES[type]])),
  })),
];

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function kpiOf({ key, title, unit }: (typeof FIGURES)[number]): VisualSpec {
  const shown = unit === 'minor' ? `${title} (minor units)` : title;
  const measure = { column: figureColumn(key), label: title, unit };
  return { kind: 'kpi', id: `figure-${dashed(key)}`, title: shown, dataSet: FIGURES_SET, measure };
}

function chartOf(id: ChartId): VisualSpec {
  const { mart, bars, lines, ...chart } = CHARTS[id];
  const kind = lines.length === 0 ? 'bar' : bars.length === 0 ? 'line' : 'combo';
  return { kind, id: `chart-${dashed(id)}`, dataSet: mart, bars, lines, ...chart };
}

export const SHEETS: readonly SheetSpec[] = [
  { id: 'overview', name: 'Overview', visuals: [...FIGURES.map(kpiOf), ...CHART_IDS.map(chartOf)] },
];
