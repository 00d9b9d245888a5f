import type { MartReader } from './mart-reader.ts';
import { FIGURES, type FigureUnit, figureColumn, figuresSql } from './overview-spec.ts';

type Kpi = {
  readonly key: string;
  readonly title: string;
  readonly value: number | null;
  readonly unit: FigureUnit;
  readonly definition: string;
};

/** Headline figures in the order they are shown, of the specification. A figure of money that the book cannot give is left out. */
export async function readKpis(reader: MartReader): Promise<Kpi[]> {
  const sql = figuresSql((mart) => reader.from(mart === 'outcomes' ? 'outcomes' : 'totals'));
  const [row] = await reader.context.warehouse.rows<Record<string, number | null>>(sql);
  if (!row) return [];
  return FIGURES.map(({ sql: _, ...figure }) => ({ ...figure, value: row[figureColumn(figure.key)] ?? null })).filter(
    ({ unit, value }) => unit !== 'minor' || value !== null,
  );
}
