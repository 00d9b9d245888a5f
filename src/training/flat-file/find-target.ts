import { AssayError } from '../../domain/index.ts';
import type { DictionaryColumn } from './dictionary-column.ts';
import { nearNames } from './near-names.ts';
import type { FlatTable } from './read-flat-file.ts';
import type { FileWarning } from './warnings.ts';

export type FoundTarget = {
  /** Rows of the file with an outcome, in file order: row i of everything that follows is rows[i]. */
  readonly rows: Uint32Array;
  /** 1 = defaulted. */
  readonly target: Uint8Array;
  readonly warnings: readonly FileWarning[];
};

const MAX_LISTED = 12;
/** A target with more values than this is a quantity, not an outcome. */
const MAX_TARGET_VALUES = 50;

/** @throws AssayError not_found with near names. */
export function findColumn(table: FlatTable, name: string, option: string): DictionaryColumn {
  const found =
    table.columns.find((column) => column.name === name) ?? table.columns.find((c) => c.name.trim() === name.trim());
  if (found) return found;
  const names = table.columns.map((column) => column.name);
  const near = nearNames(name, names);
  throw new AssayError('not_found', {
    what: `${table.path} has no column "${name}" (${option})`,
    given: name,
    allowed: listed(names),
    fix:
      near.length > 0
        ? `did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`
        : 'take one of the columns, or check --delimiter and --no-header',
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => (name === '' ? '""' : name));
  return names.length > MAX_LISTED ? `${shown.join(', ')} … (${names.length} in all)` : shown.join(', ');
}

/**
 * Reads the outcome: the values named are defaults, every other value is none; rows without a value are left out.
 * @throws AssayError not_found: a value that the column does not hold; bad_input: a quantity, or one class only.
 */
export function findTarget(
  table: FlatTable,
  column: DictionaryColumn,
  positive: readonly string[],
  isMissing: (text: string) => boolean,
): FoundTarget {
  const values = column.values.map((text, code) => ({ text, code, count: column.counts[code]! }));
  if (positive.length === 0) throw noPositive(table, column, values);
  const outcomes = values.filter(({ text, count }) => count > 0 && !isMissing(text));
  const isPositive = new Uint8Array(values.length);
  for (const value of positive) markPositive(table, column, value, outcomes, isPositive);
  assertOutcome(table, column, positive, outcomes, isPositive);
  const isOutcome = new Uint8Array(values.length);
  for (const { code } of outcomes) isOutcome[code] = 1;
  const rows = Uint32Array.from(column.codes.keys()).filter((row) => isOutcome[column.codes[row]!] === 1);
  const target = Uint8Array.from(rows, (row) => isPositive[column.codes[row]!]!);
  return { rows, target, warnings: targetWarnings(column, rows.length, outcomes, isPositive) };
}

function noPositive(table: FlatTable, column: DictionaryColumn, values: readonly Outcome[]): AssayError {
  return new AssayError('bad_input', {
    what: `which values of the target "${column.name}" of ${table.path} mean default is not said`,
    given: 'no --positive',
    allowed: counted(values.filter(({ count }) => count > 0)),
    fix: 'name them: --positive VALUE, more than once where there are several',
  });
}

type Outcome = { readonly text: string; readonly code: number; readonly count: number };

function markPositive(
  table: FlatTable,
  column: DictionaryColumn,
  wanted: string,
  outcomes: readonly Outcome[],
  isPositive: Uint8Array,
): void {
  const found = outcomes.filter(({ text }) => isSame(text, wanted));
  for (const { code } of found) isPositive[code] = 1;
  if (found.length > 0) return;
  throw new AssayError('not_found', {
    what: `the target "${column.name}" of ${table.path} never holds the value ${JSON.stringify(wanted)} (--positive)`,
    given: wanted,
    allowed: counted(outcomes),
    fix: 'take the value that means default from this list',
  });
}

/** '1' also finds '1.0'. */
function isSame(text: string, wanted: string): boolean {
  if (text === wanted.trim()) return true;
  return text !== '' && wanted.trim() !== '' && Number(text) === Number(wanted);
}

function counted(outcomes: readonly Outcome[]): string {
  const sorted = [...outcomes].sort((a, b) => b.count - a.count);
  const shown = sorted
    .slice(0, MAX_LISTED)
    .map(({ text, count }) => `${JSON.stringify(text.slice(0, 60))} (${count} rows)`);
  return sorted.length > MAX_LISTED ? `${shown.join(', ')} … (${sorted.length} values)` : shown.join(', ');
}

function assertOutcome(
  table: FlatTable,
  column: DictionaryColumn,
  positive: readonly string[],
  outcomes: readonly Outcome[],
  isPositive: Uint8Array,
): void {
  if (outcomes.length > MAX_TARGET_VALUES) {
    throw new AssayError('bad_input', {
      what: `the target "${column.name}" of ${table.path} has ${outcomes.length} different values: a quantity, not an outcome`,
      given: counted(outcomes),
      allowed: `at most ${MAX_TARGET_VALUES} values, of which --positive names those that mean default`,
      fix: 'name the column that holds the outcome',
    });
  }
  if (outcomes.every(({ code }) => isPositive[code] === 1)) {
    throw new AssayError('bad_input', {
      what: `the target "${column.name}" of ${table.path} has one class only: every row is a default`,
      given: `--positive ${positive.join(', ')}; values: ${counted(outcomes)}`,
      allowed: 'rows of both outcomes',
      fix: 'check --target and --positive, and that the file holds repaid loans too',
    });
  }
}

function targetWarnings(
  column: DictionaryColumn,
  kept: number,
  outcomes: readonly Outcome[],
  isPositive: Uint8Array,
): FileWarning[] {
  const warnings: FileWarning[] = [];
  const missing = column.codes.length - kept;
  const negatives = outcomes.filter(({ code }) => isPositive[code] === 0);
  if (missing > 0) {
    const text = `${missing} rows have no value in the target "${column.name}" and are left out; rows are counted without them`;
    warnings.push({ code: 'missing_target', column: column.name, text });
  }
  if (negatives.length > 1) {
    const text = `the target "${column.name}" has ${outcomes.length} values; these count as not defaulted: ${counted(negatives)}`;
    warnings.push({ code: 'several_target_values', column: column.name, text });
  }
  return warnings;
}
