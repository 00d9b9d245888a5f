import { basename } from 'node:path';
import { AssayError, type Column, type Frame } from '../../domain/index.ts';
import { rowsWhere } from '../folds.ts';
import { type DictionaryColumn, selectDictionaryRows } from './dictionary-column.ts';
import { type FeatureSignal, findLeak } from './find-leaks.ts';
import { findColumn, findTarget } from './find-target.ts';
import { lastDayOf } from './parse-values.ts';
import { type FlatFileOptions, type FlatTable, readFlatFile } from './read-flat-file.ts';
import { isMissingText, type TypedColumn, typeColumn } from './type-columns.ts';
import { type FileWarning, prohibitedBasis } from './warnings.ts';

export type EvaluationFile = FlatFileOptions & {
  readonly path: string;
  readonly target: string;
  /** Values of the target that mean default. */
  readonly positive: readonly string[];
  readonly drop?: readonly string[];
  /** Further texts that mean missing: '-9', '?'. */
  readonly missing?: readonly string[];
  /** Train on rows whose `column` is at most `until`, test on the others; both are left out of the features. */
  readonly outOfTime?: { readonly column: string; readonly until: string };
};

export type EvaluationSet = {
  readonly name: string;
  readonly path: string;
  /** Rows of the file, those left out, and why: read = kept + ragged + without outcome. */
  readonly funnel: {
    readonly read: number;
    readonly ragged: number;
    readonly withoutOutcome: number;
    readonly kept: number;
  };
  readonly frame: Frame;
  /** 1 = defaulted. */
  readonly target: Uint8Array;
  readonly columns: readonly TypedColumn[];
  readonly signals: readonly FeatureSignal[];
  readonly warnings: readonly FileWarning[];
  /** Rows to train on, when the split is by time. */
  readonly isTraining: Uint8Array | null;
  /** When each row was, as a number that grows with time; NaN where unknown. Null when the split is not by time. */
  readonly time: Float64Array | null;
};

/** A set with fewer defaults says little, whatever the method. */
const FEW_DEFAULTS = 100;

/**
 * Reads a flat file with a target column and types it, with nothing known beforehand.
 * @throws AssayError bad_input or not_found, in words for whoever holds the file.
 */
export async function loadEvaluationSet(file: EvaluationFile): Promise<EvaluationSet> {
  const table = await readFlatFile(file.path, file);
  const missing = file.missing ?? [];
  const targetColumn = findColumn(table, file.target, '--target');
  const dropped = new Set((file.drop ?? []).map((name) => findColumn(table, name, '--drop')));
  const outcome = findTarget(table, targetColumn, file.positive, isMissingText(missing));
  const keptRows = (column: DictionaryColumn) =>
    outcome.rows.length === table.rowCount ? column : selectDictionaryRows(column, outcome.rows);
  const time = file.outOfTime ? readTime(table, file.outOfTime, missing, keptRows) : null;
  const columns = table.columns
    .filter((column) => column !== targetColumn && !dropped.has(column) && column !== time?.source)
    .map((column) => typeColumn(keptRows(column), missing));
  const typed = time ? columns.map((column) => beforeTime(column, time.days)) : columns;
  const candidates = typed.flatMap(({ column }) => (column ? [column] : []));
  const signals = candidates.map((column) => findLeak(column, outcome.target));
  const features = candidates.filter((_, i) => !signals[i]!.isCopy);
  assertFeatures(table, features, typed);
  return {
    name: basename(file.path).replace(/\.(gz|csv|tsv|txt|data|asc)/g, ''),
    path: file.path,
    funnel: funnelOf(table, outcome.rows.length),
    frame: { rowCount: outcome.rows.length, columns: features },
    target: outcome.target,
    columns: typed,
    signals,
    warnings: [
      ...raggedWarnings(table),
      ...outcome.warnings,
      ...fewDefaults(outcome.target),
      ...warningsOf(typed, signals),
      ...features.flatMap(({ name }) => prohibitedBasis(name)),
    ],
    isTraining: time?.isTraining ?? null,
    time: time?.values ?? null,
  };
}

function funnelOf(table: FlatTable, kept: number): EvaluationSet['funnel'] {
  const ragged = table.leftOut.rows;
  return { read: table.rowCount + ragged, ragged, withoutOutcome: table.rowCount - kept, kept };
}

type Time = {
  readonly source: DictionaryColumn;
  readonly isTraining: Uint8Array;
  readonly values: Float64Array;
  readonly days: Float64Array | null;
};

function readTime(
  table: FlatTable,
  { column: name, until }: { column: string; until: string },
  missing: readonly string[],
  keptRows: (column: DictionaryColumn) => DictionaryColumn,
): Time {
  const source = findColumn(table, name, '--time');
  const { type, column } = typeColumn(keptRows(source), missing);
  const limit = type === 'date' ? lastDayOf(until) : Number(until);
  if (column?.kind !== 'numeric' || until.trim() === '' || !Number.isFinite(limit)) throw badTime(name, until, type);
  const isTraining = Uint8Array.from(column.values, (value) => (value <= limit ? 1 : 0));
  const training = isTraining.reduce((sum, value) => sum + value, 0);
  if (training === 0 || training === isTraining.length) {
    throw new AssayError('bad_input', {
      what: `splitting by "${name}" until ${until} leaves one side empty`,
      given: `${training} rows to train on, ${isTraining.length - training} to test on`,
      allowed: 'rows on both sides',
      fix: 'take a --train-until between the first and the last value of that column',
    });
  }
  return { source, isTraining, values: column.values, days: type === 'date' ? column.values : null };
}

function badTime(name: string, until: string, type: string): AssayError {
  return new AssayError('bad_input', {
    what: `rows cannot be split by "${name}" until ${JSON.stringify(until)}`,
    given: `a column of type ${type}`,
    allowed:
      'a column of dates with --train-until 2010, 2010-12 or 2010-12-31 (that day included), or of numbers with a number',
    fix: 'name the column of the application date in --time and the last day to train on in --train-until',
  });
}

/** With an application date at hand, another date is best told as days before it. */
function beforeTime(typed: TypedColumn, asOf: Float64Array | null): TypedColumn {
  if (typed.type !== 'date' || typed.column?.kind !== 'numeric' || !asOf) return typed;
  const values = typed.column.values.map((value, row) => asOf[row]! - value);
  return { ...typed, column: { ...typed.column, values }, warning: null };
}

function assertFeatures(table: FlatTable, features: readonly Column[], typed: readonly TypedColumn[]): void {
  if (features.length > 0) return;
  const reasons = typed.map(({ name, reason }) => `"${name}": ${reason ?? 'repeats the target'}`);
  throw new AssayError('bad_input', {
    what: `${table.path} has no column left to predict with`,
    given: reasons.slice(0, 10).join('; ') || 'only the target',
    allowed: 'at least one column that varies and is not an identifier',
    fix: 'add columns known at application time, or drop fewer',
  });
}

function raggedWarnings({ leftOut }: FlatTable): FileWarning[] {
  if (leftOut.rows === 0) return [];
  const text = `${leftOut.rows} rows have another number of cells than the header and are left out; the first: ${leftOut.example}`;
  return [{ code: 'ragged_rows', column: null, text }];
}

function fewDefaults(target: Uint8Array): FileWarning[] {
  const events = target.reduce((sum, value) => sum + value, 0);
  const fewer = Math.min(events, target.length - events);
  if (fewer >= FEW_DEFAULTS) return [];
  const text = `only ${fewer} rows of the rarer outcome: intervals are wide and comparisons between estimators say little`;
  return [{ code: 'few_defaults', column: null, text }];
}

function warningsOf(typed: readonly TypedColumn[], signals: readonly FeatureSignal[]): FileWarning[] {
  return [...typed, ...signals].flatMap(({ warning }) => (warning ? [warning] : []));
}

/** The rows of a set on one side of its split by time. */
export function rowsOfSide(isTraining: Uint8Array, side: 'train' | 'test'): Uint32Array {
  return rowsWhere((row) => (isTraining[row] === 1) === (side === 'train'), isTraining.length);
}
