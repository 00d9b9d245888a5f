import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import type { IntervalDto } from '../../contract.ts';
import { ESTIMATOR_LABELS, formatCount, formatDate, formatDecimal } from '../../format/index.ts';
import { LinkAnchor } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';
import type { Compared } from './compared.ts';
import classes from './models.module.css';
import { StatusBadge } from './status-badge.tsx';

type Pick = (row: Compared) => IntervalDto | undefined;

/** A figure with its interval beneath it. */
function withInterval(key: string, title: string, hint: string, pick: Pick, digits = 3): Column<Compared> {
  return {
    key,
    title,
    hint,
    align: 'right',
    value: (row) => pick(row)?.value ?? null,
    cell: (row) => {
      const interval = pick(row);
      if (interval === undefined) return formatDecimal(null);
      return (
        <span className={classes['figure']}>
          {formatDecimal(interval.value, digits)}
          <small>
            {formatDecimal(interval.lower, digits)} to {formatDecimal(interval.upper, digits)}
          </small>
        </span>
      );
    },
  };
}

/** The end of a version's name tells it from its siblings; the whole name is its title and in the CSV. */
export const shortVersion = (modelVersion: string): string => modelVersion.split('-').at(-1) ?? modelVersion;

export const comparisonColumns: readonly Column<Compared>[] = [
  {
    key: 'model',
    title: 'Model version',
    value: ({ model }) => model.modelVersion,
    cell: ({ model }) => (
      <span className={classes['figure']}>
        <LinkAnchor
          size="sm"
          className="nowrap"
          to="/models/$modelVersion"
          params={{ modelVersion: model.modelVersion }}
        >
          {ESTIMATOR_LABELS[model.estimator]}
        </LinkAnchor>
        <small className={classes['version']} title={model.modelVersion}>
          {shortVersion(model.modelVersion)}
        </small>
      </span>
    ),
  },
  {
    key: 'status',
    title: 'Status',
    value: ({ model }) => model.status,
    cell: ({ model }) => <StatusBadge status={model.status} />,
  },
  withInterval(
    'auc',
    'AUC',
    'Chance that a defaulted loan has a higher PD than a repaid one; 0.5 is a coin.',
    (row) => row.metrics?.auc,
  ),
  withInterval('gini', 'Gini', '2 × AUC − 1.', (row) => row.metrics?.gini),
  withInterval(
    'ks',
    'KS',
    'Largest gap between the PD distributions of defaulted and repaid loans.',
    (row) => row.metrics?.ks,
  ),
  withInterval('brier', 'Brier', 'Mean squared error of the PD; less is better.', (row) => row.metrics?.brier, 4),
  withInterval(
    'slope',
    'Calibration slope',
    'Slope of the outcomes on the log-odds of the PD; 1 is right, below 1 is overconfident.',
    (row) => row.metrics?.calibrationSlope,
  ),
  {
    key: 'ece',
    title: 'ECE',
    align: 'right',
    value: (row) => row.metrics?.ece ?? null,
    cell: (row) => formatDecimal(row.metrics?.ece, 4),
    hint: 'Expected calibration error over ten bins of equal count; less is better.',
  },
  {
    key: 'rows',
    title: 'Applications',
    align: 'right',
    value: (row) => row.metrics?.rows ?? null,
    cell: (row) => (
      <span className={classes['figure']}>
        {formatCount(row.metrics?.rows)}
        {row.metrics === null ? null : <small>{formatCount(row.metrics.defaults)} defaults</small>}
      </span>
    ),
  },
  { key: 'inputs', title: 'Inputs', align: 'right', value: ({ model }) => model.inputs },
  {
    key: 'signature',
    title: 'Signature',
    value: ({ model }) => (model.signatureValid ? 'valid' : 'not valid'),
    cell: ({ model }) => <Signature valid={model.signatureValid} />,
    hint: 'The signature and every hash of the artifact were checked just now.',
  },
  {
    key: 'createdAt',
    title: 'Trained',
    value: ({ model }) => model.createdAt,
    cell: ({ model }) => <span className="nowrap">{formatDate(model.createdAt)}</span>,
  },
];

export function Signature({ valid }: { readonly valid: boolean }) {
  return (
    <span className={classes['signature']} data-valid={valid}>
      {valid ? <IconShieldCheck size={15} aria-hidden /> : <IconShieldX size={15} aria-hidden />}
      {valid ? 'Valid' : 'Not valid'}
    </span>
  );
}
