import { AssayError } from '../domain/index.ts';
import { aucInterval } from '../training/index.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';
import { figuresOf } from './overview.ts';

/** Below these, a rate or an AUC says more about chance than about the segment. */
export const MINIMUM_LABELLED = 30;
export const MINIMUM_DEFAULTS = 5;

type SegmentRow = {
  segment: string;
  lower: number | null;
  upper: number | null;
  applications: number;
  mean_pd: number | null;
  labelled: number;
  defaults: number;
};

export async function listSegmentDimensions(reader: MartReader) {
  const snapshot = await reader.snapshot();
  const state: 'empty' | 'ready' = snapshot ? 'ready' : 'empty';
  return { state, dimensions: dimensionsOf(reader) };
}

export function dimensionsOf({ context }: MartReader): { name: string; title: string; unit: string }[] {
  return context.portfolio.segments.flatMap((name) => {
    const feature = context.portfolio.features.features.find((candidate) => candidate.name === name);
    return feature ? [{ name, title: feature.title, unit: feature.unit }] : [];
  });
}

/**
 * The book split by one dimension: size, observed and predicted default, discrimination inside each segment.
 * @throws AssayError not_found for a dimension the portfolio does not name
 */
export async function readSegments(reader: MartReader, dimension: string) {
  const found = dimensionsOf(reader).find((candidate) => candidate.name === dimension);
  if (!found) {
    const allowed = dimensionsOf(reader)
      .map((candidate) => candidate.name)
      .join(', ');
    throw new AssayError('not_found', { what: 'no such segment dimension', given: dimension, allowed });
  }
  const snapshot = await reader.snapshot();
  const computed = snapshot
    ? await reader.cached(snapshot, `segments ${dimension}`, () => computeSegments(reader, dimension))
    : { segments: [], aucBasis: 'none' as const };
  const state: 'empty' | 'ready' = snapshot ? 'ready' : 'empty';
  return {
    state,
    snapshot: (snapshot ?? null) as Snapshot | null,
    currency: reader.context.portfolio.currency,
    dimension,
    title: found.title,
    unit: found.unit,
    minimumLabelled: MINIMUM_LABELLED,
    minimumDefaults: MINIMUM_DEFAULTS,
    ...computed,
  };
}

async function computeSegments(reader: MartReader, dimension: string) {
  const rows = await reader.rows<SegmentRow>('segments', 'WHERE dimension = $1 ORDER BY position, segment', [
    dimension,
  ]);
  const predictions = await readPredictions(reader, dimension);
  const all = rows.reduce((sum, row) => sum + row.applications, 0);
  const segments = rows.map((row) => {
    const tooFew = row.labelled < MINIMUM_LABELLED || row.defaults < MINIMUM_DEFAULTS;
    const figures = figuresOf(row, all);
    const labelled = predictions.bySegment.get(row.segment);
    const bothClasses = row.defaults > 0 && row.defaults < row.labelled;
    return {
      segment: labelOf(row),
      lower: row.lower,
      upper: row.upper,
      ...figures,
      observedDefaultRate: row.labelled < MINIMUM_LABELLED ? null : figures.observedDefaultRate,
      auc: tooFew || !bothClasses || !labelled ? null : aucInterval(labelled),
      tooFew,
    };
  });
  return { segments, aucBasis: predictions.basis };
}

type Labelled = { scores: number[]; target: number[] };

async function readPredictions(reader: MartReader, dimension: string) {
  const { columns, rowCount } = await reader.context.warehouse.columns(
    `SELECT segment, pd, defaulted, CASE WHEN out_of_fold THEN 1.0 ELSE 0.0 END AS out_of_fold FROM ${reader.from('segment_predictions')} WHERE dimension = $1`,
    [dimension],
  );
  const column = (name: string) => columns.find((candidate) => candidate.name === name)?.values ?? [];
  const [segments, pds, defaulted, outOfFold] = ['segment', 'pd', 'defaulted', 'out_of_fold'].map(column);
  const bySegment = new Map<string, Labelled>();
  let outside = 0;
  for (let row = 0; row < rowCount; row++) {
    const segment = String(segments?.[row]);
    const labelled = bySegment.get(segment) ?? { scores: [], target: [] };
    labelled.scores.push(Number(pds?.[row]));
    labelled.target.push(Number(defaulted?.[row]));
    bySegment.set(segment, labelled);
    outside += Number(outOfFold?.[row]);
  }
  const basis =
    rowCount === 0 ? ('none' as const) : outside * 2 > rowCount ? ('out_of_fold' as const) : ('in_sample' as const);
  return { bySegment, basis };
}

/** Numbers are cut into parts; their label says between what. */
export function labelOf({ segment, lower, upper }: Pick<SegmentRow, 'segment' | 'lower' | 'upper'>): string {
  if (lower === null && upper === null) return /^\d+$/.test(segment) ? 'all' : segment;
  if (lower === null) return `below ${compact(upper)}`;
  return upper === null ? `${compact(lower)} and above` : `${compact(lower)} to ${compact(upper)}`;
}

const compact = (value: number | null): string => String(Number((value ?? 0).toPrecision(4)));
