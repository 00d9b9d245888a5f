import type { FraudLabel } from '../../fraud/index.ts';
import { wilson } from '../../training/index.ts';

/** Cases that people can look into before the next delivery: the queue is judged at these lengths. */
const CAPACITIES = [50, 100, 200, 500] as const;
/** Fewer settled cases than these: no share. */
const MINIMUM_SETTLED = 10;

type Share = ReturnType<typeof wilson>;

export type FraudResults = {
  /** Of the first `capacity` of the queue. */
  readonly capacities: readonly (FraudCounts & { readonly capacity: number })[];
  /** By signal: an application with several counts under each. */
  readonly signals: readonly (FraudCounts & { readonly signal: string })[];
};

export type FraudCounts = {
  readonly confirmed: number;
  readonly cleared: number;
  readonly unsure: number;
  /** Confirmed over settled (confirmed or cleared), Wilson 95 %; null below MINIMUM_SETTLED. Who was unsure is on neither side. */
  readonly precision: Share | null;
};

/**
 * How often the queue is right, by what people found. Only cases that were looked into count: where people choose among the first of the
 * queue the share is that of their choice, so the number looked into stands beside it.
 * @param ranking application ids, most suspicious first
 */
export function fraudResults(ranking: readonly string[], labels: readonly FraudLabel[]): FraudResults {
  const placeOf = new Map(ranking.map((applicationId, place) => [applicationId, place]));
  const lengths = CAPACITIES.filter((_, i) => i === 0 || ranking.length > CAPACITIES[i - 1]!);
  const signals = [...new Set(labels.flatMap((label) => label.signals))].sort();
  return {
    capacities: lengths.map((capacity) => ({
      capacity: Math.min(capacity, ranking.length),
      ...countsOf(labels.filter(({ applicationId }) => (placeOf.get(applicationId) ?? Infinity) < capacity)),
    })),
    signals: signals.map((signal) => ({
      signal,
      ...countsOf(labels.filter((label) => label.signals.includes(signal))),
    })),
  };
}

function countsOf(labels: readonly FraudLabel[]): FraudCounts {
  const count = (verdict: FraudLabel['verdict']): number => labels.filter((label) => label.verdict === verdict).length;
  const [confirmed, cleared, unsure] = [count('confirmed'), count('cleared'), count('unsure')];
  const settled = confirmed + cleared;
  return { confirmed, cleared, unsure, precision: settled < MINIMUM_SETTLED ? null : wilson(confirmed, settled) };
}
