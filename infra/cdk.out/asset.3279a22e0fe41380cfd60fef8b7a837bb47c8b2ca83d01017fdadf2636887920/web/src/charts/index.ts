export { baseOption, categoryAxis, legendOf, percentLabel, valueAxis } from './axes.ts';
export { Chart, type ChartData } from './chart.tsx';
export type { Ink } from './ink.ts';
export { type IntervalPoint, intervalSeries } from './interval.ts';
export { tip, tipIndex } from './tip.ts';
