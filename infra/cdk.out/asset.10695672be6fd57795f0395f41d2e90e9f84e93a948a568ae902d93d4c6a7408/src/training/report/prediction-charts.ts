import { type Html, html } from '../../domain/index.ts';
import {
  calibrationBins,
  gainsTable,
  jeffreysInterval,
  type LabelledScores,
  logit,
  rocCurve,
} from '../measures/index.ts';
import { axisTo, histogram, lineChart, shareAxis, whiskerChart } from './charts.ts';
import { percent } from './format.ts';

export type Named = LabelledScores & { readonly name: string };

const HISTOGRAM_BINS = 30;

export function rocChart(all: readonly Named[]): Html {
  return lineChart('ROC', {
    x: shareAxis('share of non-defaults flagged'),
    y: shareAxis('share of defaults flagged'),
    series: all.map((named, color) => ({
      name: named.name,
      color,
      points: rocCurve(named).map((point) => ({ x: point.falsePositiveRate, y: point.truePositiveRate })),
    })),
    diagonal: true,
  });
}

export function gainsChart(all: readonly Named[]): Html {
  return lineChart('Gains', {
    x: shareAxis('share of rows, riskiest first'),
    y: shareAxis('share of defaults found'),
    series: all.map((named, color) => ({
      name: named.name,
      color,
      points: [
        { x: 0, y: 0 },
        ...gainsTable(named, 20).map((row) => ({ x: row.cumulativeShareOfRows, y: row.cumulativeShareOfDefaults })),
      ],
    })),
    diagonal: true,
  });
}

export function calibrationChart(named: Named): Html {
  const bins = calibrationBins(named);
  const points = bins.map(({ meanPd, defaults, count }) => {
    const observed = jeffreysInterval(defaults, count);
    return { x: meanPd, y: observed.value, lower: observed.lower, upper: observed.upper };
  });
  const highest = Math.max(...points.map(({ x, upper }) => Math.max(x, upper)));
  return whiskerChart(`Calibration: ${named.name}`, {
    x: axisTo('mean pd of the group', highest, (v) => percent(v, highest < 0.1 ? 1 : 0)),
    y: axisTo('observed default rate', highest, (v) => percent(v, highest < 0.1 ? 1 : 0)),
    points,
    note: 'Ten groups of equal count; bars are 95 % Jeffreys intervals. On the dashed line pd equals what happened.',
  });
}

export function distributionChart(named: Named): Html {
  const logits = Float64Array.from({ length: named.scores.length }, (_, i) => logit(named.scores[i]!));
  const sorted = logits.slice().sort();
  const from = sorted[Math.floor(0.002 * sorted.length)]!;
  const to = Math.max(from + 1e-6, sorted[Math.floor(0.998 * (sorted.length - 1))]!);
  const shares = (outcome: number): number[] => {
    const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
    let total = 0;
    for (let row = 0; row < logits.length; row++) {
      if (named.target[row] !== outcome) continue;
      const bin = Math.floor(((logits[row]! - from) / (to - from)) * HISTOGRAM_BINS);
      counts[Math.min(HISTOGRAM_BINS - 1, Math.max(0, bin))]! += 1;
      total += 1;
    }
    return counts.map((found) => found / Math.max(1, total));
  };
  const pdOf = (value: number): string => percent(1 / (1 + Math.exp(-value)), 1);
  return histogram(`Distribution of pd: ${named.name}`, {
    x: {
      title: 'pd (log-odds scale)',
      from,
      to,
      ticks: [0, 0.25, 0.5, 0.75, 1].map((s) => from + s * (to - from)),
      format: pdOf,
    },
    edges: Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => from + ((to - from) * i) / HISTOGRAM_BINS),
    groups: [
      { name: 'not defaulted', shares: shares(0), color: 'good' },
      { name: 'defaulted', shares: shares(1), color: 'bad' },
    ],
    note: 'Each outcome as shares of its own rows. The further apart, the better the separation.',
  });
}

export const charts = (items: readonly Html[]): Html => html`<div class="charts">${items}</div>`;
