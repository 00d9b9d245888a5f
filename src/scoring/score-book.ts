import { setImmediate } from 'node:timers/promises';
import { AssayError, type Column, type FeatureRow, type Frame, type InputColumn } from '../domain/index.ts';
import type { Lake, ResultColumn, Warehouse } from '../platform/index.ts';
import type { Score } from './score.ts';
import type { Scorer } from './scorer.ts';

export type ScoredApplication = {
  readonly applicationId: string;
  readonly features: FeatureRow;
  readonly score: Score;
};

export type PolicyTerms = { readonly outcome: string; readonly annualRatePercent: number | null };

export type ScoreBookOptions = {
  readonly warehouse: Warehouse;
  /** The lake of one portfolio. */
  readonly lake: Lake;
  readonly scorer: Scorer;
  /** The estimator's name, kept beside each score. */
  readonly estimator: string;
  /** What the credit policy says to an application; decisions lie above scoring, so it comes from the caller. */
  readonly termsOf: (application: ScoredApplication) => PolicyTerms;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

export const FEATURES_KEY = 'modeled/features/features.parquet';
export const SCORES_KEY = 'modeled/scores/scores.parquet';
const STAGING = 'modeled/scores.staging';

/** Rows read, scored and appended at once: bounds memory, not speed. */
const CHUNK_ROWS = 20_000;
/** Rows scored before the event loop gets a turn. */
const BREATH_ROWS = 500;

/**
 * Scores every application of the feature table and writes `modeled/scores/scores.parquet`, replacing what was there in
 * one step: application_id, borrower_id, applied_at, model_version, estimator, margin, pd, score, grade, reason_1..4
 * (codes), outcome, annual_rate_percent; in source order.
 * @throws AssayError not_found without a feature table; bad_input when it lacks an input; cancelled when the signal fires.
 */
export async function scoreBook(options: ScoreBookOptions): Promise<{ readonly rows: number }> {
  const { warehouse, lake } = options;
  if (!(await lake.exists(FEATURES_KEY))) {
    throw new AssayError('not_found', {
      what: 'there is no feature table',
      given: FEATURES_KEY,
      fix: 'run the pipeline from step features',
    });
  }
  const source = `read_parquet(${quote(lake.path(FEATURES_KEY))})`;
  const [extent] = await warehouse.rows<{ rows: number; last: number | null }>(
    `SELECT count(*) AS rows, max(source_row) AS last FROM ${source}`,
  );
  const { rows, last } = extent ?? { rows: 0, last: null };
  await warehouse.run(CREATE_SCORED);
  for (let from = 0, done = 0; last !== null && from <= last; from += CHUNK_ROWS) {
    done += await scoreChunk(options, source, from);
    options.onProgress?.(done, rows);
  }
  await write(options, source);
  return { rows };
}

const SCORED_COLUMNS =
  'application_id VARCHAR, margin DOUBLE, pd DOUBLE, score DOUBLE, grade VARCHAR, reason_1 VARCHAR, reason_2 VARCHAR, ' +
  'reason_3 VARCHAR, reason_4 VARCHAR, outcome VARCHAR, annual_rate_percent DOUBLE';
const CREATE_SCORED = `CREATE OR REPLACE TEMP TABLE scored_book (${SCORED_COLUMNS})`;

async function scoreChunk(options: ScoreBookOptions, source: string, from: number): Promise<number> {
  const { warehouse, scorer } = options;
  const names = scorer.inputs.map((input) => identifier(input.name)).join(', ');
  const { columns, rowCount } = await warehouse.columns(
    `SELECT application_id, ${names} FROM ${source} WHERE source_row >= ? AND source_row < ? ORDER BY source_row`,
    [from, from + CHUNK_ROWS],
  );
  const ids = textOf(columns[0]);
  const frame: Frame = {
    rowCount,
    columns: scorer.inputs.map((input, i) => frameColumn(input, columns[i + 1], rowCount)),
  };
  const out: (string | number | null)[][] = Array.from({ length: 11 }, () => []);
  for (let begin = 0; begin < rowCount; begin += BREATH_ROWS) {
    if (options.signal?.aborted) throw new AssayError('cancelled', { what: 'scoring the book was cancelled' });
    const end = Math.min(rowCount, begin + BREATH_ROWS);
    scoreRows(options, frame, ids, begin, end, out);
    await setImmediate();
  }
  if (rowCount > 0) await warehouse.append('scored_book', out);
  return rowCount;
}

function scoreRows(
  options: ScoreBookOptions,
  frame: Frame,
  ids: readonly (string | null)[],
  begin: number,
  end: number,
  out: (string | number | null)[][],
): void {
  const { scorer, termsOf } = options;
  const scores = scorer.scoreFrame(frame, { from: begin, to: end, reasons: true });
  for (let row = begin; row < end; row++) {
    const i = row - begin;
    const [margin, pd, points] = [scores.margin[i]!, scores.pd[i]!, scores.score[i]!];
    const grade = scores.grade[i]!;
    const reasons = scores.reasons[i]!;
    const score: Score = { pd, score: points, grade, margin, reasons, modelVersion: scorer.modelVersion };
    const applicationId = ids[row] ?? '';
    const { outcome, annualRatePercent } = termsOf({ applicationId, features: featureRow(frame, row), score });
    const codes = [0, 1, 2, 3].map((position) => reasons[position]?.code ?? null);
    [applicationId, margin, pd, points, grade, ...codes, outcome, annualRatePercent].forEach((value, column) => {
      out[column]!.push(value);
    });
  }
}

async function write(options: ScoreBookOptions, source: string): Promise<void> {
  const { warehouse, lake, scorer, estimator } = options;
  await lake.remove(STAGING);
  // Creates the staging folder: COPY does not.
  await lake.put(`${STAGING}/.keep`, '');
  const file = quote(lake.path(`${STAGING}/scores.parquet`));
  await warehouse.run(
    `COPY (
      SELECT f.application_id, f.borrower_id, f.as_of AS applied_at, ${quote(scorer.modelVersion)} AS model_version,
        ${quote(estimator)} AS estimator, s.margin, s.pd, s.score, s.grade, s.reason_1, s.reason_2, s.reason_3, s.reason_4, s.outcome,
        s.annual_rate_percent
      FROM ${source} f JOIN scored_book s USING (application_id)
      ORDER BY f.source_row
    ) TO ${file} (FORMAT parquet, COMPRESSION zstd)`,
  );
  await lake.remove(`${STAGING}/.keep`);
  await lake.publish(STAGING, 'modeled/scores');
  await warehouse.run('DROP TABLE scored_book');
}

function frameColumn(input: InputColumn, column: ResultColumn | undefined, rowCount: number): Column {
  if (column?.kind === 'numeric' && input.kind === 'numeric')
    return { kind: 'numeric', name: input.name, values: column.values };
  // DuckDB types a column without any value as it likes.
  const isEmpty =
    column?.kind === 'numeric' ? column.values.every(Number.isNaN) : column?.values.every((v) => v === null);
  if (isEmpty && input.kind === 'numeric') {
    return { kind: 'numeric', name: input.name, values: new Float64Array(rowCount).fill(Number.NaN) };
  }
  if (input.kind === 'categorical') {
    const codeOf = new Map(input.levels.map((level, code) => [level, code]));
    const codes = new Int32Array(rowCount).fill(-1);
    if (column) for (let i = 0; i < rowCount; i++) codes[i] = codeOf.get(levelAt(column, i)) ?? -1;
    return { kind: 'categorical', name: input.name, codes, levels: input.levels };
  }
  throw new AssayError('bad_input', {
    what: `feature "${input.name}" has another type in the feature table than in the model`,
    given: column?.kind ?? 'no column',
    allowed: input.kind,
    fix: 'build the features again with the catalog the model was trained on, or train again',
  });
}

/** A level as text; missing gives a string that is no level. */
function levelAt(column: ResultColumn, i: number): string {
  const value = column.values[i];
  return value === null || value === undefined || Number.isNaN(value) ? '\u0000' : String(value);
}

function textOf(column: ResultColumn | undefined): (string | null)[] {
  if (column?.kind === 'text') return column.values;
  return Array.from(column?.values ?? [], String);
}

function featureRow(frame: Frame, row: number): FeatureRow {
  const out: Record<string, number | string | null> = {};
  for (const column of frame.columns) {
    if (column.kind === 'numeric') {
      const value = column.values[row]!;
      out[column.name] = Number.isNaN(value) ? null : value;
    } else out[column.name] = column.levels[column.codes[row]!] ?? null;
  }
  return out;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
