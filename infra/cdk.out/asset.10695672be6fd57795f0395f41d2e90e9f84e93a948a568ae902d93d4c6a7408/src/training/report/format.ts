import type { Interval } from '../../domain/index.ts';

export const fixed = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '–');
export const percent = (share: number, digits = 1): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '–';
export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
export const withInterval = ({ value, lower, upper }: Interval, digits: number): string =>
  Number.isFinite(value) ? `${fixed(value, digits)} (${fixed(lower, digits)}–${fixed(upper, digits)})` : '–';
