import type { Overview } from '../../contract.ts';
import { formatCount, formatDecimal, formatMoney, formatMoneyCompact, formatPercent } from '../../format/index.ts';

const COMPACT_FROM_MINOR = 1_000_000;

/** A headline figure with its unit. */
export function formatKpi({ value, unit }: Overview['kpis'][number], currency: string): string {
  switch (unit) {
    case 'count':
      return formatCount(value);
    case 'share':
      return formatPercent(value);
    case 'points':
      return value === null ? formatDecimal(value) : `${formatDecimal(value, 0)} points`;
    case 'minor':
      return value !== null && Math.abs(value) >= COMPACT_FROM_MINOR
        ? formatMoneyCompact(value, currency)
        : formatMoney(value, currency);
  }
}

/** The meaning of a figure, and the exact amount where the tile shows it rounded. */
export function defineKpi(kpi: Overview['kpis'][number], currency: string): string {
  if (kpi.unit !== 'minor' || kpi.value === null) return kpi.definition;
  return `${kpi.definition} Exactly ${formatMoney(kpi.value, currency)}.`;
}
