import type { IntervalDto } from '../../contract.ts';
import { formatPercent, NOTHING } from '../../format/index.ts';

/** "95 %: 16.1 % to 19.7 %" */
export function intervalText(interval: IntervalDto | null): string {
  return interval === null
    ? NOTHING
    : `95 %: ${formatPercent(interval.lower, 1)} to ${formatPercent(interval.upper, 1)}`;
}

/** "18.0 % (16.1 to 19.7)" */
export function percentInterval(interval: IntervalDto | null, digits = 1): string {
  if (interval === null) return NOTHING;
  const plain = (share: number): string => formatPercent(share, digits).replace(' %', '');
  return `${formatPercent(interval.value, digits)} (${plain(interval.lower)} to ${plain(interval.upper)})`;
}
