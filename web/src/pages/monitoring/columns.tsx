import type { DriftDto } from '../../contract.ts';
import { formatDecimal, formatPercent, formatSigned } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';

type Drift = NonNullable<DriftDto['drift']>;
type Alarm = Drift['alarms'][number];
type Feature = Drift['features'][number];

const KINDS: Readonly<Record<string, string>> = {
  score_drift: 'Score',
  feature_drift: 'Feature',
  calibration: 'Calibration',
  missing_values: 'Missing values',
  volume: 'Volume',
  rejects: 'Refused rows',
};

export const ALARM_COLUMNS: readonly Column<Alarm>[] = [
  {
    key: 'level',
    title: 'Level',
    value: (row) => row.level,
    cell: (row) => (row.level === 'act' ? <strong className="bad">Act</strong> : 'Watch'),
  },
  { key: 'kind', title: 'What', value: (row) => KINDS[row.kind] ?? row.kind },
  { key: 'subject', title: 'Of', value: (row) => row.subject },
  { key: 'text', title: 'Seen', wide: true, value: (row) => row.text },
];

export const FEATURE_COLUMNS: readonly Column<Feature>[] = [
  { key: 'title', title: 'Feature', value: (row) => row.title },
  {
    key: 'csi',
    title: 'CSI',
    align: 'right',
    value: (row) => row.csi,
    cell: (row) => formatDecimal(row.csi),
    hint: 'Characteristic stability index of the last three months against the reference.',
  },
  { key: 'state', title: 'State', value: (row) => stateOf(row.csi) },
  {
    key: 'before',
    title: 'Missing, reference',
    align: 'right',
    value: (row) => row.missingBefore,
    cell: (row) => formatPercent(row.missingBefore, 1),
  },
  {
    key: 'now',
    title: 'now',
    align: 'right',
    value: (row) => row.missingNow,
    cell: (row) => formatPercent(row.missingNow, 1),
  },
  {
    key: 'change',
    title: 'Change',
    unit: '% points',
    align: 'right',
    value: (row) => (row.missingNow - row.missingBefore) * 100,
    cell: (row) => formatSigned((row.missingNow - row.missingBefore) * 100),
  },
];

function stateOf(csi: number): string {
  if (csi < 0.1) return 'stable';
  return csi < 0.25 ? 'watch' : 'shifted';
}
