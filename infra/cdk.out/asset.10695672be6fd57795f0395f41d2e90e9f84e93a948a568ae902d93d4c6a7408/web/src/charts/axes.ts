import type { EChartsOption, LegendComponentOption } from 'echarts';
import { formatPercent } from '../format/index.ts';
import type { Ink } from './ink.ts';

const SMALL = 11;

/** What every chart shares: fonts, no animation, a plain tooltip. */
export function baseOption(ink: Ink): EChartsOption {
  return {
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: ink.font, color: ink.text, fontSize: SMALL },
    grid: { left: 8, right: 16, top: 36, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    tooltip: {
      trigger: 'axis',
      confine: true,
      backgroundColor: ink.surface,
      borderColor: ink.border,
      padding: [6, 10],
      textStyle: { color: ink.text, fontSize: 12 },
      axisPointer: { type: 'line', lineStyle: { color: ink.muted, width: 1 } },
    },
  };
}

/** Names of the series above the chart; all of them where none are given. */
export function legendOf(ink: Ink, names?: readonly string[]): LegendComponentOption {
  return {
    top: 0,
    left: 0,
    itemWidth: 14,
    itemHeight: 8,
    icon: 'roundRect',
    textStyle: { color: ink.muted, fontSize: SMALL },
    ...(names === undefined ? {} : { data: [...names] }),
  };
}

type AxisTitle = { readonly title: string; readonly gap?: number };

function named(ink: Ink, { title, gap }: AxisTitle, defaultGap: number) {
  return {
    name: title,
    nameLocation: 'middle' as const,
    nameGap: gap ?? defaultGap,
    nameTextStyle: { color: ink.muted, fontSize: SMALL },
  };
}

export function categoryAxis(ink: Ink, categories: readonly string[], title: AxisTitle) {
  return {
    type: 'category' as const,
    data: [...categories],
    ...named(ink, title, 28),
    axisLine: { lineStyle: { color: ink.border } },
    axisTick: { show: false },
    axisLabel: { color: ink.muted, fontSize: SMALL, hideOverlap: true },
  };
}

type ValueAxis = AxisTitle & {
  readonly format: (value: number) => string;
  readonly min?: number | 'dataMin';
  readonly max?: number | 'dataMax';
};

export function valueAxis(ink: Ink, axis: ValueAxis) {
  return {
    type: 'value' as const,
    ...named(ink, axis, 48),
    ...(axis.min === undefined ? {} : { min: axis.min }),
    ...(axis.max === undefined ? {} : { max: axis.max }),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink.rule } },
    axisLabel: { color: ink.muted, fontSize: SMALL, formatter: axis.format, hideOverlap: true },
  };
}

/** Axis labels of shares: as few decimals as the value needs. */
export function percentLabel(value: number): string {
  const percent = Math.abs(value * 100);
  return formatPercent(value, percent >= 10 || Math.abs(percent - Math.round(percent)) < 1e-9 ? 0 : 1);
}
