import { ActionIcon, Menu, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import type { EChartsOption } from 'echarts';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { svgToPng } from '../export/chart-image.ts';
import { type CsvColumn, toCsv } from '../export/csv.ts';
import { download, fileNameOf } from '../export/download.ts';
import classes from './chart.module.css';
import { type EChartsType, init } from './echarts.ts';
import { type Ink, readInk } from './ink.ts';

/** The rows behind a chart, for its CSV. */
export type ChartData<Row> = { readonly columns: readonly CsvColumn<Row>[]; readonly rows: readonly Row[] };

type Props<Row> = {
  readonly title: string;
  readonly subtitle?: ReactNode;
  /** Read aloud in place of the picture. */
  readonly summary: string;
  readonly option: (ink: Ink) => EChartsOption;
  readonly data: ChartData<Row>;
  readonly height?: number;
  readonly onPick?: (index: number) => void;
  /** Redrawn many times a second: the picture is changed instead of built anew. Its series must stay the same ones. */
  readonly live?: boolean;
};

const NARROW_PX = 480;

/** A titled chart with its exports (SVG, PNG, CSV). Takes prepared rows; draws, and computes nothing. */
export function Chart<Row>({ title, subtitle, summary, option, data, height = 260, onPick, live = false }: Props<Row>) {
  const holder = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType | null>(null);
  const scheme = useComputedColorScheme('light');
  const { ref: frame, width } = useElementSize();
  const narrow = width > 0 && width < NARROW_PX;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours follow the scheme
  const ink = useMemo(() => readInk(narrow), [scheme, narrow]);

  useEffect(() => {
    if (holder.current === null) return;
    const created = init(holder.current, null, { renderer: 'svg' });
    setChart(created);
    return () => created.dispose();
  }, []);
  useEffect(() => {
    chart?.setOption(option(ink), { notMerge: !live });
  }, [chart, option, ink, live]);
  useEffect(() => {
    if (width > 0) chart?.resize({ width, height });
  }, [chart, width, height]);
  useEffect(() => {
    if (chart === null || onPick === undefined) return;
    const handler = (event: { dataIndex: number }) => onPick(event.dataIndex);
    chart.on('click', handler);
    return () => {
      if (!chart.isDisposed()) chart.off('click', handler);
    };
  }, [chart, onPick]);

  return (
    <figure className={classes['figure']} aria-label={title}>
      <figcaption className={classes['caption']}>
        <div>
          <h2 className={classes['title']}>{title}</h2>
          {subtitle === undefined ? null : <p className={classes['subtitle']}>{subtitle}</p>}
        </div>
        <ExportMenu title={title} chart={chart} ink={ink} data={data} size={{ width, height }} />
      </figcaption>
      <div ref={frame} className={classes['frame']} role="img" aria-label={summary}>
        <div ref={holder} style={{ height }} />
      </div>
    </figure>
  );
}

type ExportProps<Row> = {
  readonly title: string;
  readonly chart: EChartsType | null;
  readonly ink: Ink;
  readonly data: ChartData<Row>;
  readonly size: { readonly width: number; readonly height: number };
};

function ExportMenu<Row>({ title, chart, ink, data, size }: ExportProps<Row>) {
  const name = fileNameOf(title);
  const svg = () => chart?.renderToSVGString() ?? '';
  const savePng = async () => {
    download(`${name}.png`, await svgToPng(svg(), { ...size, background: ink.surface }));
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Export ${title}`}>
          <IconDownload size={15} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => download(`${name}.svg`, svg(), 'image/svg+xml')}>Picture (SVG)</Menu.Item>
        <Menu.Item onClick={() => void savePng()}>Picture (PNG)</Menu.Item>
        <Menu.Item onClick={() => download(`${name}.csv`, toCsv(data.columns, data.rows), 'text/csv')}>
          Figures (CSV)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
