import type { MetricSample } from '../../api/index.ts';
import type { Figure } from '../../platform/index.ts';

/** What only the book itself knows; a figure that is not known is not told. */
export type BookFigures = {
  readonly deadLettersWaiting: number;
  /** Since the champion was made. */
  readonly modelAgeDays: number | null;
  /** Of the score in the last month that has enough applications. */
  readonly scorePsi: number | null;
};

const REQUEST_SECONDS = 'assay_http_request_seconds';
const DECIDE = 'createApplication';

/**
 * What CloudWatch is told, from the Prometheus figures at the last time and now: time of decisions (each bucket as its upper bound, so
 * percentiles err to the slow side), answers that failed, decisions by outcome, the stream's lag; and the figures of the book.
 * Counters that went back (a worker was replaced) count from zero.
 */
export function cloudFigures(
  portfolio: string,
  before: readonly MetricSample[],
  now: readonly MetricSample[],
  book: BookFigures,
): Figure[] {
  const dimensions = { Portfolio: portfolio };
  const changes = changesOf(before, now);
  const failed = changes.filter(({ name, labels }) => name === `${REQUEST_SECONDS}_count` && isServerError(labels));
  const count = (name: string, value: number): Figure => ({ name, unit: 'Count', dimensions, value });
  const gauge = (name: string, unit: Figure['unit'], value: number | null): Figure[] =>
    value === null ? [] : [{ name, unit, dimensions, value }];
  return [
    ...decisionTimes(changes, dimensions),
    count(
      'ServerErrors',
      failed.reduce((sum, { value }) => sum + value, 0),
    ),
    ...changes
      .filter(({ name }) => name === 'assay_decisions_total')
      .map(({ labels, value }) => ({
        ...count('Decisions', value),
        dimensions: { ...dimensions, Outcome: labels['outcome'] ?? '' },
      })),
    ...gauge('StreamBehindSeconds', 'Seconds', largest(now, 'assay_stream_behind_seconds')),
    ...gauge('StreamBacklogRecords', 'Count', largest(now, 'assay_stream_backlog_records')),
    count('DeadLettersWaiting', book.deadLettersWaiting),
    ...gauge('ModelAgeDays', 'None', book.modelAgeDays),
    ...gauge('ScorePsi', 'None', book.scorePsi),
  ];
}

const isServerError = ({ status }: MetricSample['labels']): boolean => Number(status) >= 500;

const keyOf = ({ name, labels }: MetricSample): string => JSON.stringify([name, Object.entries(labels).sort()]);

function changesOf(before: readonly MetricSample[], now: readonly MetricSample[]): MetricSample[] {
  const known = new Map(before.map((sample) => [keyOf(sample), sample.value]));
  return now.map((sample) => {
    const last = known.get(keyOf(sample)) ?? 0;
    return { ...sample, value: sample.value >= last ? sample.value - last : sample.value };
  });
}

/** Cumulative buckets of one label set after another, as how many answers took at most each bound. */
function decisionTimes(changes: readonly MetricSample[], dimensions: Figure['dimensions']): Figure[] {
  const buckets = changes.filter(
    ({ name, labels }) => name === `${REQUEST_SECONDS}_bucket` && labels['operation'] === DECIDE,
  );
  const upTo = new Map<number, number>();
  for (const { labels, value } of buckets) {
    const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
    upTo.set(bound, (upTo.get(bound) ?? 0) + value);
  }
  const bounds = [...upTo.keys()].sort((a, b) => a - b);
  const slowest = bounds.findLast(Number.isFinite) ?? 0;
  const seen = bounds
    .map((bound, i) => ({
      value: Math.min(bound, slowest * 2),
      count: upTo.get(bound)! - (upTo.get(bounds[i - 1]!) ?? 0),
    }))
    .filter(({ count }) => count > 0);
  if (seen.length === 0) return [];
  const [values, counts] = [seen.map(({ value }) => value), seen.map(({ count }) => count)];
  return [{ name: 'DecisionSeconds', unit: 'Seconds', dimensions, values, counts }];
}

function largest(samples: readonly MetricSample[], wanted: string): number | null {
  const values = samples.filter(({ name }) => name === wanted).map(({ value }) => value);
  return values.length === 0 ? null : Math.max(...values);
}
