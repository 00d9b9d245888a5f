import type { ReactNode } from 'react';
import type { IntervalDto, Segments } from '../../contract.ts';
import {
  formatBounds,
  formatCategory,
  formatCount,
  formatDecimal,
  formatPercent,
  NOTHING,
} from '../../format/index.ts';
import { Bar } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

type Segment = Segments['segments'][number];

function unlessTooFew(row: Segment, figure: string): ReactNode {
  return row.tooFew ? <span className="muted">too few</span> : figure;
}

function intervalText(interval: IntervalDto | null, format: (value: number) => string): string {
  return interval === null ? NOTHING : `${format(interval.lower)} to ${format(interval.upper)}`;
}

/** A segment's name: an interval in the unit of the feature, or the category. */
export function segmentName(row: Segment, { unit, currency }: Pick<Segments, 'unit' | 'currency'>): string {
  return formatBounds(row, { unit, currency }) ?? formatCategory(row.segment);
}

export function segmentColumns(segments: Segments): readonly Column<Segment>[] {
  return [
    { key: 'segment', title: segments.title, value: (row) => row.segment, cell: (row) => segmentName(row, segments) },
    {
      key: 'applications',
      title: 'Applications',
      align: 'right',
      value: (row) => row.applications,
      cell: (row) => formatCount(row.applications),
    },
    {
      key: 'share',
      title: 'Share of the book',
      align: 'right',
      value: (row) => row.share,
      cell: (row) => <Bar share={row.share} text={formatPercent(row.share, 1)} />,
    },
    {
      key: 'meanPd',
      title: 'Mean PD',
      align: 'right',
      value: (row) => row.meanPd,
      cell: (row) => formatPercent(row.meanPd),
    },
    ...OUTCOME_COLUMNS,
  ];
}

const OUTCOME_COLUMNS: readonly Column<Segment>[] = [
  {
    key: 'labelled',
    title: 'Known outcomes',
    align: 'right',
    value: (row) => row.labelled,
    cell: (row) => formatCount(row.labelled),
  },
  {
    key: 'defaults',
    title: 'Defaults',
    align: 'right',
    value: (row) => row.defaults,
    cell: (row) => formatCount(row.defaults),
  },
  {
    key: 'observed',
    title: 'Observed default rate',
    align: 'right',
    value: (row) => (row.tooFew ? null : (row.observedDefaultRate?.value ?? null)),
    cell: (row) => unlessTooFew(row, formatPercent(row.observedDefaultRate?.value)),
    hint: 'Defaults divided by known outcomes.',
  },
  {
    key: 'observedInterval',
    title: '95 % interval',
    align: 'right',
    sortable: false,
    value: (row) => (row.tooFew ? null : intervalText(row.observedDefaultRate, String)),
    cell: (row) => (row.tooFew ? NOTHING : intervalText(row.observedDefaultRate, formatPercent)),
  },
  {
    key: 'auc',
    title: 'AUC',
    align: 'right',
    value: (row) => row.auc?.value ?? null,
    cell: (row) => unlessTooFew(row, formatDecimal(row.auc?.value)),
    hint: 'Chance that a defaulted loan of the segment has a higher PD than a repaid one; 0.5 is a coin.',
  },
  {
    key: 'aucInterval',
    title: '95 % interval',
    align: 'right',
    sortable: false,
    value: (row) => (row.auc === null ? null : intervalText(row.auc, String)),
    cell: (row) => intervalText(row.auc, (value) => formatDecimal(value)),
  },
];
