import { setImmediate } from 'node:timers/promises';
import { type Column, type Frame, type Interval, type Portfolio, selectRows } from '../../domain/index.ts';
import { readFeatureFrame } from '../../features/index.ts';
import type { Lake, ResultColumn, Warehouse } from '../../platform/index.ts';
import { SCORES_KEY } from '../../scoring/index.ts';
import { csi, jeffreysInterval, OUT_OF_FOLD_KEY, psi } from '../../training/index.ts';
import { type Alarm, alarmsOf } from './alarms.ts';
import { intakeAlarms, readIntake } from './intake.ts';

export type DriftContext = { readonly warehouse: Warehouse; readonly lake: Lake; readonly portfolio: Portfolio };

/** The score of one month against the reference. */
export type ScoreMonth = {
  readonly month: string;
  readonly applications: number;
  readonly meanPd: number;
  /** Null below MIN_ROWS applications. */
  readonly psi: number | null;
};

/** A feature of the latest months against the reference. */
export type FeatureDrift = {
  readonly feature: string;
  readonly title: string;
  readonly csi: number;
  readonly missingBefore: number;
  readonly missingNow: number;
};

/** Predicted against observed default of the applications of a quarter. */
export type CalibrationQuarter = {
  readonly quarter: string;
  readonly labelled: number;
  readonly defaults: number;
  readonly meanPd: number;
  /** Jeffreys interval; null below MIN_ROWS known outcomes. */
  readonly observed: Interval | null;
};

export type BookDrift = {
  readonly reference: { readonly from: string; readonly until: string; readonly applications: number };
  readonly recent: { readonly from: string; readonly until: string; readonly applications: number };
  readonly months: readonly ScoreMonth[];
  readonly features: readonly FeatureDrift[];
  readonly quarters: readonly CalibrationQuarter[];
  readonly alarms: readonly Alarm[];
};

/** Fewer rows than these make an index or a rate that says more about chance. */
export const MIN_ROWS = 100;
/** Months of applications that count as recent. */
const RECENT_MONTHS = 3;
/** Rows a sample is thinned to: an index moves by less than 0.001 beyond. */
const MAX_SAMPLE = 50_000;

type Scored = {
  readonly ids: readonly string[];
  readonly months: readonly string[];
  readonly pd: Float64Array;
  readonly defaulted: Float64Array;
};

/**
 * Stability of score (PSI by month) and features (CSI of the last three months), and calibration by quarter, against the applications
 * the model was developed on: those before the split in time, or the earlier half. Null for a book without dates, or not scored.
 * PSI and CSI: sum of (a - e) ln(a / e) over the reference's deciles or levels; under 0.1 stable, above 0.25 shifted (Siddiqi 2006).
 */
export async function readBookDrift(context: DriftContext): Promise<BookDrift | null> {
  const { lake, portfolio } = context;
  if (!(await lake.exists(SCORES_KEY))) return null;
  const scored = await readScored(context);
  const months = [...new Set(scored.months)].sort();
  if (months.length < 2) return null;
  const until = referenceEnd(portfolio, months);
  const isReference = (row: number): boolean => scored.months[row]! < until;
  const recentFrom = months.slice(-RECENT_MONTHS)[0]!;
  const isRecent = (row: number): boolean => scored.months[row]! >= recentFrom;
  const scoreMonths = monthsOf(scored, months, isReference);
  const features = await featureDrift(context, scored, isReference, isRecent);
  const quarters = quartersOf(scored);
  const count = (keep: (row: number) => boolean): number => rowsWhere(scored.ids.length, keep).length;
  const intake = await readIntake(lake);
  return {
    reference: {
      from: months[0]!,
      until: months.filter((month) => month < until).at(-1) ?? months[0]!,
      applications: count(isReference),
    },
    recent: { from: recentFrom, until: months.at(-1)!, applications: count(isRecent) },
    months: scoreMonths,
    features,
    quarters,
    alarms: [...alarmsOf({ months: scoreMonths, features, quarters }), ...intakeAlarms(intake)],
  };
}

/** First month after the reference. */
function referenceEnd({ split }: Portfolio, months: readonly string[]): string {
  if (split.kind === 'out_of_time') return split.trainUntil.slice(0, 7);
  return months[Math.ceil(months.length / 2)] ?? months.at(-1)!;
}

async function readScored({ warehouse, lake }: DriftContext): Promise<Scored> {
  const file = (key: string): string => `read_parquet('${lake.path(key).replaceAll("'", "''")}')`;
  const hasFolds = await lake.exists(OUT_OF_FOLD_KEY);
  const outcomes = (await lake.list('processed/outcomes')).filter((key) => key.endsWith('.parquet'));
  const labels = outcomes.map((key) => `'${lake.path(key).replaceAll("'", "''")}'`).join(', ');
  const { columns } = await warehouse.columns(
    `SELECT scores.application_id, strftime(scores.applied_at, '%Y-%m') AS month,
       ${hasFolds ? 'COALESCE(folds.pd, scores.pd)' : 'scores.pd'} AS pd,
       ${labels === '' ? 'CAST(NULL AS DOUBLE)' : 'CAST(outcomes.defaulted AS DOUBLE)'} AS defaulted
     FROM ${file(SCORES_KEY)} AS scores
     ${hasFolds ? `LEFT JOIN (SELECT application_id, estimator, AVG(pd) AS pd FROM ${file(OUT_OF_FOLD_KEY)} GROUP BY ALL) AS folds ON folds.application_id = scores.application_id AND folds.estimator = scores.estimator` : ''}
     ${labels === '' ? '' : `LEFT JOIN read_parquet([${labels}], hive_partitioning = false) AS outcomes ON outcomes.application_id = scores.application_id`}
     WHERE scores.applied_at IS NOT NULL ORDER BY scores.applied_at, scores.application_id`,
  );
  const [ids, months, pd, defaulted] = columns;
  return { ids: textsOf(ids), months: textsOf(months), pd: numbersOf(pd), defaulted: numbersOf(defaulted) };
}

const textsOf = (column: ResultColumn | undefined): string[] =>
  column?.kind === 'text' ? column.values.map((value) => value ?? '') : [];
const numbersOf = (column: ResultColumn | undefined): Float64Array =>
  column?.kind === 'numeric' ? column.values : new Float64Array(column?.values.length ?? 0).fill(Number.NaN);

function rowsWhere(count: number, keep: (row: number) => boolean): number[] {
  const rows: number[] = [];
  for (let row = 0; row < count; row++) if (keep(row)) rows.push(row);
  return rows;
}

/** Every n-th row, so that a sample is no larger than wanted. */
function thinned(rows: readonly number[]): number[] {
  const step = Math.ceil(rows.length / MAX_SAMPLE);
  return step <= 1 ? [...rows] : rows.filter((_, i) => i % step === 0);
}

function monthsOf(scored: Scored, months: readonly string[], isReference: (row: number) => boolean): ScoreMonth[] {
  const reference = Float64Array.from(thinned(rowsWhere(scored.ids.length, isReference)), (row) => scored.pd[row]!);
  const byMonth = Map.groupBy(scored.months.keys(), (row) => scored.months[row]!);
  return months.map((month) => {
    const pds = Float64Array.from(byMonth.get(month) ?? [], (row) => scored.pd[row]!);
    const enough = pds.length >= MIN_ROWS && reference.length >= MIN_ROWS;
    return {
      month,
      applications: pds.length,
      meanPd: pds.reduce((sum, pd) => sum + pd, 0) / pds.length,
      psi: enough ? psi(reference, pds) : null,
    };
  });
}

function quartersOf(scored: Scored): CalibrationQuarter[] {
  const labelled = rowsWhere(scored.ids.length, (row) => !Number.isNaN(scored.defaulted[row]!));
  const byQuarter = Map.groupBy(labelled, (row) => quarterOf(scored.months[row]!));
  return [...byQuarter].map(([quarter, rows]) => {
    const defaults = rows.reduce((sum, row) => sum + scored.defaulted[row]!, 0);
    return {
      quarter,
      labelled: rows.length,
      defaults,
      meanPd: rows.reduce((sum, row) => sum + scored.pd[row]!, 0) / rows.length,
      observed: rows.length < MIN_ROWS ? null : jeffreysInterval(defaults, rows.length),
    };
  });
}

/** '2024-05' -> '2024-Q2' */
function quarterOf(month: string): string {
  return `${month.slice(0, 4)}-Q${Math.floor((Number(month.slice(5)) + 2) / 3)}`;
}

async function featureDrift(
  { warehouse, lake, portfolio }: DriftContext,
  scored: Scored,
  isReference: (row: number) => boolean,
  isRecent: (row: number) => boolean,
): Promise<FeatureDrift[]> {
  const { frame, applicationIds } = await readFeatureFrame({ warehouse, lake });
  const rowOf = new Map(applicationIds.map((id, row) => [id, row]));
  const pick = (keep: (row: number) => boolean): Frame => {
    const rows = thinned(rowsWhere(scored.ids.length, keep)).flatMap((row) => rowOf.get(scored.ids[row]!) ?? []);
    return selectRows(frame, rows);
  };
  const [before, now] = [pick(isReference), pick(isRecent)];
  if (before.rowCount < MIN_ROWS || now.rowCount < MIN_ROWS) return [];
  const titles = new Map(portfolio.features.features.map(({ name, title }) => [name, title]));
  const found: FeatureDrift[] = [];
  for (const [index, column] of before.columns.entries()) {
    const recent = now.columns[index]!;
    found.push({
      feature: column.name,
      title: titles.get(column.name) ?? column.name,
      csi: csi(column, recent),
      missingBefore: missingShare(column),
      missingNow: missingShare(recent),
    });
    await setImmediate();
  }
  return found.sort((a, b) => b.csi - a.csi);
}

function missingShare(column: Column): number {
  const missing =
    column.kind === 'numeric'
      ? column.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0)
      : column.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
  const rows = column.kind === 'numeric' ? column.values.length : column.codes.length;
  return missing / rows;
}
