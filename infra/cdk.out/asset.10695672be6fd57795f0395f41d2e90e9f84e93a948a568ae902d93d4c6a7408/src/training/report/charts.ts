import { type Html, html } from '../../domain/index.ts';

export type Point = { readonly x: number; readonly y: number };
export type Series = { readonly name: string; readonly points: readonly Point[]; readonly color: number };
export type Axis = {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
};

const WIDTH = 420;
const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 22;
const TOP = 10;
const BOTTOM = 44;

type Scales = { readonly x: (value: number) => number; readonly y: (value: number) => number };

function scalesOf(x: Axis, y: Axis): Scales {
  const clamp = (share: number): number => Math.min(1, Math.max(0, share));
  return {
    x: (value) => LEFT + clamp((value - x.from) / (x.to - x.from)) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - clamp((value - y.from) / (y.to - y.from)) * (HEIGHT - TOP - BOTTOM),
  };
}

const at = (value: number): string => value.toFixed(1);

function frame(x: Axis, y: Axis, scales: Scales): Html {
  const bottom = HEIGHT - BOTTOM;
  return html`${y.ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(scales.y(tick))}" y2="${at(scales.y(tick))}"/>
<text x="${LEFT - 6}" y="${at(scales.y(tick) + 4)}" text-anchor="end">${y.format(tick)}</text>`,
  )}${x.ticks.map(
    (tick) => html`<text x="${at(scales.x(tick))}" y="${bottom + 16}" text-anchor="middle">${x.format(tick)}</text>`,
  )}<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${x.title}</text>
<text transform="translate(12 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>`;
}

function figure(label: string, content: Html, caption: Html, height = HEIGHT): Html {
  return html`<figure><h3>${label}</h3><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${content}</svg>${caption}</figure>`;
}

function legend(items: readonly { readonly name: string; readonly color: string }[]): Html {
  return html`<div class="legend">${items.map(({ name, color }) => html`<span><i style="background:${color}"></i>${name}</span>`)}</div>`;
}

const colorOf = (index: number): string => `var(--c${index % 5})`;

/** Lines, with a dashed reference line from corner to corner when asked for. */
export function lineChart(
  label: string,
  {
    x,
    y,
    series,
    diagonal = false,
    note,
  }: { x: Axis; y: Axis; series: readonly Series[]; diagonal?: boolean; note?: string },
): Html {
  const scales = scalesOf(x, y);
  const lines = series.map(({ points, color }) => {
    const path = points.map((point) => `${at(scales.x(point.x))},${at(scales.y(point.y))}`).join(' ');
    return html`<polyline points="${path}" fill="none" style="stroke:${colorOf(color)}" stroke-width="1.8" stroke-linejoin="round"/>`;
  });
  const reference = diagonal
    ? html`<line x1="${scales.x(x.from)}" y1="${scales.y(y.from)}" x2="${scales.x(x.to)}" y2="${scales.y(y.to)}" style="stroke:var(--soft)" stroke-dasharray="4 4"/>`
    : html``;
  const names = legend(series.map(({ name, color }) => ({ name, color: colorOf(color) })));
  return figure(
    label,
    html`${frame(x, y, scales)}${reference}${lines}`,
    html`${names}${note ? html`<figcaption>${note}</figcaption>` : html``}`,
  );
}

export type Whisker = Point & { readonly lower: number; readonly upper: number };

/** Points with vertical intervals around a diagonal: predicted against observed. */
export function whiskerChart(
  label: string,
  { x, y, points, note }: { x: Axis; y: Axis; points: readonly Whisker[]; note: string },
): Html {
  const scales = scalesOf(x, y);
  const marks = points.map(
    (
      point,
    ) => html`<line x1="${at(scales.x(point.x))}" x2="${at(scales.x(point.x))}" y1="${at(scales.y(point.lower))}" y2="${at(scales.y(point.upper))}" style="stroke:var(--c0)" stroke-width="1.4"/>
<circle cx="${at(scales.x(point.x))}" cy="${at(scales.y(point.y))}" r="3.5" style="fill:var(--c0)"/>`,
  );
  const reference = html`<line x1="${scales.x(x.from)}" y1="${scales.y(y.from)}" x2="${scales.x(x.to)}" y2="${scales.y(y.to)}" style="stroke:var(--soft)" stroke-dasharray="4 4"/>`;
  return figure(label, html`${frame(x, y, scales)}${reference}${marks}`, html`<figcaption>${note}</figcaption>`);
}

/** Two outlined histograms over the same bins, as shares of their own total. */
export function histogram(
  label: string,
  {
    x,
    edges,
    groups,
    note,
  }: {
    x: Axis;
    edges: readonly number[];
    groups: readonly { readonly name: string; readonly shares: readonly number[]; readonly color: 'bad' | 'good' }[];
    note: string;
  },
): Html {
  const highest = Math.max(...groups.flatMap(({ shares }) => shares), 1e-9);
  const y: Axis = {
    title: 'share of rows',
    from: 0,
    to: highest * 1.05,
    ticks: [0, highest / 2, highest],
    format: (v) => `${(100 * v).toFixed(0)} %`,
  };
  const scales = scalesOf(x, y);
  const bars = groups.map(({ shares, color }) =>
    shares.map((share, i) => {
      const left = scales.x(edges[i]!);
      const width = Math.max(0, scales.x(edges[i + 1]!) - left - 1);
      return html`<rect x="${at(left)}" y="${at(scales.y(share))}" width="${at(width)}" height="${at(HEIGHT - BOTTOM - scales.y(share))}" style="fill:var(--${color});fill-opacity:.42;stroke:var(--${color});stroke-width:.8"/>`;
    }),
  );
  const names = legend(groups.map(({ name, color }) => ({ name, color: `var(--${color})` })));
  return figure(label, html`${frame(x, y, scales)}${bars}`, html`${names}<figcaption>${note}</figcaption>`);
}

/** Horizontal bars with their figure, longest first as given. */
export function barChart(
  label: string,
  {
    bars,
    format,
    note,
  }: {
    bars: readonly { readonly name: string; readonly value: number }[];
    format: (value: number) => string;
    note: string;
  },
): Html {
  const step = 20;
  const longest = Math.max(...bars.map(({ value }) => value), 1e-12);
  const nameWidth = 190;
  const rows = bars.map(({ name, value }, i) => {
    const width = Math.max(1, (value / longest) * (WIDTH - nameWidth - 60));
    const shown = name.length > 27 ? `${name.slice(0, 26)}…` : name;
    return html`<text x="${nameWidth - 8}" y="${i * step + 14}" text-anchor="end">${shown}<title>${name}</title></text>
<rect x="${nameWidth}" y="${i * step + 4}" width="${at(width)}" height="13" rx="2" style="fill:var(--c0)"/><text x="${at(nameWidth + width + 6)}" y="${i * step + 14}">${format(value)}</text>`;
  });
  return figure(label, html`${rows}`, html`<figcaption>${note}</figcaption>`, bars.length * step + 6);
}

/** One dot and interval per name: which contender is better, and how sure that is. */
export function intervalChart(
  label: string,
  {
    items,
    format,
    note,
  }: {
    items: readonly { readonly name: string; readonly value: number; readonly lower: number; readonly upper: number }[];
    format: (value: number) => string;
    note: string;
  },
): Html {
  const low = Math.min(...items.map(({ lower }) => lower));
  const high = Math.max(...items.map(({ upper }) => upper));
  const pad = (high - low) * 0.08 || 0.01;
  const step = 34;
  const x = (value: number): number => 92 + ((value - low + pad) / (high - low + 2 * pad)) * (WIDTH - 92 - RIGHT);
  const rows = items.map(({ name, value, lower, upper }, i) => {
    const y = i * step + 20;
    return html`<text x="84" y="${y + 4}" text-anchor="end">${name}</text><line x1="${at(x(lower))}" x2="${at(x(upper))}" y1="${y}" y2="${y}" style="stroke:${colorOf(i)}" stroke-width="2"/>
<circle cx="${at(x(value))}" cy="${y}" r="4.5" style="fill:${colorOf(i)}"/><text x="${at(x(value))}" y="${y - 8}" text-anchor="middle">${format(value)}</text>`;
  });
  return figure(label, html`${rows}`, html`<figcaption>${note}</figcaption>`, items.length * step + 8);
}

/** A share axis from 0 to 1. */
export const shareAxis = (title: string): Axis => ({
  title,
  from: 0,
  to: 1,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (value) => `${Math.round(100 * value)} %`,
});

/** An axis from 0 to a round figure above the largest value. */
export function axisTo(title: string, highest: number, format: (value: number) => string): Axis {
  const step = niceStep(highest / 4);
  const top = Math.max(step, Math.ceil(highest / step - 1e-9) * step);
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return { title, from: 0, to: top, ticks, format };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-9)));
  const lead = rough / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}
