import type { MetricsDto, Model } from '../../contract.ts';
import { formatCount, formatDecimal, toWords } from '../../format/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import classes from './models.module.css';

type Row = readonly [split: string, metrics: MetricsDto];
type Interval = 'auc' | 'gini' | 'ks' | 'brier' | 'calibrationSlope';

function interval(key: Interval, title: string, digits = 3): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    value: ([, metrics]) => metrics[key].value,
    cell: ([, metrics]) => (
      <span className={classes['figure']}>
        {formatDecimal(metrics[key].value, digits)}
        <small>
          {formatDecimal(metrics[key].lower, digits)} to {formatDecimal(metrics[key].upper, digits)}
        </small>
      </span>
    ),
  };
}

function plain(key: 'logLoss' | 'calibrationIntercept' | 'ece', title: string): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    value: ([, metrics]) => metrics[key],
    cell: ([, metrics]) => formatDecimal(metrics[key], 4),
  };
}

function count(key: 'rows' | 'defaults', title: string): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    value: ([, metrics]) => metrics[key],
    cell: ([, metrics]) => formatCount(metrics[key]),
  };
}

const COLUMNS: readonly Column<Row>[] = [
  { key: 'split', title: 'Measured on', value: ([split]) => toWords(split) },
  count('rows', 'Applications'),
  count('defaults', 'Defaults'),
  interval('auc', 'AUC'),
  interval('gini', 'Gini'),
  interval('ks', 'KS'),
  interval('brier', 'Brier', 4),
  plain('logLoss', 'Log loss'),
  interval('calibrationSlope', 'Calibration slope'),
  plain('calibrationIntercept', 'Calibration intercept'),
  plain('ece', 'ECE'),
];

export function MetricsTable({ metrics }: { readonly metrics: Model['metrics'] }) {
  return (
    <DataTable
      title="Metrics"
      subtitle="With 95 % intervals beneath the figures"
      columns={COLUMNS}
      rows={Object.entries(metrics)}
      rowKey={([split]) => split}
    />
  );
}
