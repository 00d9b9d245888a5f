import type { BookDrift } from './book-drift.ts';

/** What someone has to look at; `watch` may wait for the month's end, `act` may not. */
export type Alarm = {
  readonly level: 'watch' | 'act';
  readonly kind: 'score_drift' | 'feature_drift' | 'calibration' | 'missing_values' | 'volume' | 'rejects';
  readonly subject: string;
  readonly text: string;
};

/** Siddiqi 2006: under 0.1 stable, 0.1 to 0.25 watch, above shifted. */
export const WATCH_INDEX = 0.1;
export const ACT_INDEX = 0.25;
/** Share of missing values up or down by so much. */
export const WATCH_MISSING = 0.05;
export const ACT_MISSING = 0.2;
/** Applications of the last month against the median of those before. */
export const WATCH_VOLUME = 0.5;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Score and features of the latest months, calibration of the latest quarter whose outcomes are known, and volume. */
export function alarmsOf(drift: Pick<BookDrift, 'months' | 'features' | 'quarters'>): Alarm[] {
  return [
    ...scoreAlarms(drift),
    ...calibrationAlarms(drift),
    ...drift.features.flatMap(featureAlarms),
    ...volumeAlarms(drift),
  ];
}

function levelOf(value: number, watch: number, act: number): Alarm['level'] | undefined {
  if (value >= act) return 'act';
  return value >= watch ? 'watch' : undefined;
}

function scoreAlarms({ months }: Pick<BookDrift, 'months'>): Alarm[] {
  const last = months.findLast(({ psi }) => psi !== null);
  const level = last && levelOf(last.psi!, WATCH_INDEX, ACT_INDEX);
  if (!last || !level) return [];
  return [{ level, kind: 'score_drift', subject: last.month, text: `PSI of the score ${last.psi!.toFixed(3)}` }];
}

function featureAlarms(feature: BookDrift['features'][number]): Alarm[] {
  const alarms: Alarm[] = [];
  const shifted = levelOf(feature.csi, WATCH_INDEX, ACT_INDEX);
  if (shifted)
    alarms.push({
      level: shifted,
      kind: 'feature_drift',
      subject: feature.title,
      text: `CSI ${feature.csi.toFixed(3)}`,
    });
  const missing = levelOf(Math.abs(feature.missingNow - feature.missingBefore), WATCH_MISSING, ACT_MISSING);
  if (missing)
    alarms.push({
      level: missing,
      kind: 'missing_values',
      subject: feature.title,
      text: `missing in ${percent(feature.missingNow)}, was ${percent(feature.missingBefore)}`,
    });
  return alarms;
}

function calibrationAlarms({ quarters }: Pick<BookDrift, 'quarters'>): Alarm[] {
  const last = quarters.findLast(({ observed }) => observed !== null);
  if (!last?.observed) return [];
  const { lower, upper, value } = last.observed;
  if (last.meanPd >= lower && last.meanPd <= upper) return [];
  // predicting too little risk costs money; too much costs customers
  const level = last.meanPd < lower ? 'act' : 'watch';
  return [
    {
      level,
      kind: 'calibration',
      subject: last.quarter,
      text: `predicted ${percent(last.meanPd)}, observed ${percent(value)} (${percent(lower)} to ${percent(upper)})`,
    },
  ];
}

function volumeAlarms({ months }: Pick<BookDrift, 'months'>): Alarm[] {
  const last = months.at(-1);
  const before = months
    .slice(0, -1)
    .map(({ applications }) => applications)
    .sort((a, b) => a - b);
  const median = before[Math.floor(before.length / 2)];
  if (!last || median === undefined || before.length < 3) return [];
  const change = last.applications / median - 1;
  if (Math.abs(change) < WATCH_VOLUME) return [];
  return [
    {
      level: 'watch',
      kind: 'volume',
      subject: last.month,
      text: `${last.applications} applications, the median month has ${median}`,
    },
  ];
}
