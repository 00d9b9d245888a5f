import type { CustomSeriesOption, CustomSeriesRenderItem } from 'echarts';

const CAP_PX = 4;

/** A point on a category axis with its interval; null where there is no figure. */
export type IntervalPoint = { readonly lower: number; readonly upper: number } | null;

/**
 * Error bars as a series: one capped line from `lower` to `upper` for each category.
 * @param direction which axis holds the values
 */
export function intervalSeries(
  name: string,
  points: readonly IntervalPoint[],
  { color, direction = 'vertical' }: { color: string; direction?: 'vertical' | 'horizontal' },
): CustomSeriesOption {
  const data = points.flatMap((point, index) => (point === null ? [] : [[index, point.lower, point.upper]]));
  const horizontal = direction === 'horizontal';
  return {
    type: 'custom',
    name,
    renderItem: renderBar(color, horizontal),
    encode: horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
    data,
    z: 1,
    silent: true,
    itemStyle: { color },
  };
}

function renderBar(color: string, horizontal: boolean): CustomSeriesRenderItem {
  return (_, api) => {
    const at = (value: number) => api.coord(horizontal ? [value, Number(api.value(0))] : [Number(api.value(0)), value]);
    const [x1 = 0, y1 = 0] = at(Number(api.value(1)));
    const [x2 = 0, y2 = 0] = at(Number(api.value(2)));
    const style = { stroke: color, lineWidth: 1.5, fill: 'none' };
    const [dx, dy] = horizontal ? [0, CAP_PX] : [CAP_PX, 0];
    const line = (ax: number, ay: number, bx: number, by: number) => ({
      type: 'line' as const,
      shape: { x1: ax, y1: ay, x2: bx, y2: by },
      style,
    });
    return {
      type: 'group',
      children: [
        line(x1, y1, x2, y2),
        line(x1 - dx, y1 - dy, x1 + dx, y1 + dy),
        line(x2 - dx, y2 - dy, x2 + dx, y2 + dy),
      ],
    };
  };
}
