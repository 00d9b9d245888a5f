import { parse } from 'csv-parse/sync';
import {
  AssayError,
  type FeatureRow,
  type FeatureValue,
  type InputColumn,
  parseStrictJson,
} from '../../domain/index.ts';

export type InvocationType = 'application/json' | 'application/jsonlines' | 'text/csv';

export type InvocationRows = {
  readonly rows: readonly FeatureRow[];
  /** What the body itself says about reasons; undefined where the format has no place for it. */
  readonly reasons?: boolean;
  /** A single row was sent, not a list of one. */
  readonly isSingle?: boolean;
};

/** Rows of one request. More belong into a batch transform, which splits its input. */
export const MAX_INVOCATION_ROWS = 50_000;
const MAX_TEXT_CHARS = 10_000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Feature rows of a request to `/invocations`, checked against the model's inputs: an input that is not there, a text where
 * the model reads a number, a number that is not finite are refused with their place. Null means missing; an input must be
 * named all the same, so that a misspelt name is not scored as missing. What the model does not read is left alone.
 *
 * JSON: one row by feature name; an array of rows; or `{"instances": [...], "reasons": true}`. A row may also be an array of
 * values in the order of the inputs. JSON Lines: a row a line. CSV: no header, values in the order of the inputs, empty = missing.
 * @throws AssayError bad_input naming line and field
 */
export function readInvocationRows(
  body: Uint8Array,
  type: InvocationType,
  inputs: readonly InputColumn[],
): InvocationRows {
  const read = rowReader(inputs);
  switch (type) {
    case 'application/json':
      return jsonRows(parseStrictJson(body), read);
    case 'application/jsonlines':
      return { rows: bounded(linesOf(body)).map((line, i) => read(parseLine(line, i), `[${i}]`)) };
    case 'text/csv':
      return { rows: bounded(csvCells(body)).map((cells, i) => csvRow(cells, inputs, i)) };
  }
}

type RowReader = (value: unknown, path: string) => FeatureRow;

function jsonRows(value: unknown, read: RowReader): InvocationRows {
  if (Array.isArray(value)) return { rows: bounded(value).map((row, i) => read(row, `[${i}]`)) };
  if (!isObject(value) || !Array.isArray(value['instances'])) return { rows: [read(value, '')], isSingle: true };
  const { instances, reasons, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refused(unknown, 'is not known', 'instances, reasons');
  if (reasons !== undefined && typeof reasons !== 'boolean') throw refused('reasons', 'must be true or false');
  const rows = bounded(value['instances']).map((row, i) => read(row, `instances[${i}]`));
  return { rows, ...(reasons !== undefined && { reasons }) };
}

function rowReader(inputs: readonly InputColumn[]): RowReader {
  return (value, path) => {
    const row = Array.isArray(value) ? inOrder(value, inputs, path) : value;
    if (!isObject(row)) throw refused(path, 'must be a row: an object by feature name, or an array in input order');
    const checked: Record<string, FeatureValue> = {};
    for (const input of inputs) {
      const cell = row[input.name];
      const at = path === '' ? input.name : `${path}.${input.name}`;
      if (cell === undefined) throw refused(at, 'is not there', 'every input of the model; null when it is missing');
      checked[input.name] = checkedValue(cell, input, at);
    }
    return checked;
  };
}

function inOrder(values: readonly unknown[], inputs: readonly InputColumn[], path: string): Record<string, unknown> {
  if (values.length !== inputs.length)
    throw refused(path, `has ${values.length} values; the model reads ${inputs.length}`, someOf(inputs));
  return Object.fromEntries(inputs.map((input, i) => [input.name, values[i]]));
}

function checkedValue(value: unknown, input: InputColumn, at: string): FeatureValue {
  if (value === null) return null;
  if (input.kind === 'numeric') {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw refused(at, `must be a finite number or null, not ${typeof value}`);
  }
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value.length <= MAX_TEXT_CHARS) return value;
  throw refused(at, 'must be a text of at most 10,000 characters, or null');
}

function linesOf(body: Uint8Array): string[] {
  const lines = textOf(body).split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

function parseLine(line: string, index: number): unknown {
  try {
    return parseStrictJson(Buffer.from(line));
  } catch (cause) {
    throw refused(`[${index}]`, cause instanceof AssayError ? (cause.parts.given ?? cause.message) : String(cause));
  }
}

function csvCells(body: Uint8Array): string[][] {
  try {
    return parse(textOf(body), { relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw refused('', `not CSV: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function csvRow(cells: readonly string[], inputs: readonly InputColumn[], index: number): FeatureRow {
  const at = `[${index}]`;
  if (cells.length !== inputs.length)
    throw refused(at, `has ${cells.length} cells; the model reads ${inputs.length}`, someOf(inputs));
  return Object.fromEntries(inputs.map((input, i) => [input.name, csvValue(cells[i] ?? '', input, at)]));
}

function csvValue(cell: string, input: InputColumn, at: string): FeatureValue {
  if (cell === '') return null;
  if (input.kind === 'categorical') return cell;
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw refused(`${at}.${input.name}`, `must be a number or empty, not ${JSON.stringify(cell.slice(0, 40))}`);
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw refused('', 'the body is not valid UTF-8');
  }
}

function bounded<T>(rows: readonly T[]): readonly T[] {
  if (rows.length > 0 && rows.length <= MAX_INVOCATION_ROWS) return rows;
  throw refused('', `${rows.length} rows`, `1 to ${MAX_INVOCATION_ROWS} rows in one request`);
}

function someOf(inputs: readonly InputColumn[]): string {
  const names = inputs.slice(0, 20).map((input) => input.name);
  return inputs.length > names.length
    ? `${names.join(', ')} and ${inputs.length - names.length} more`
    : names.join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(path: string, message: string, allowed?: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the rows cannot be scored',
    given: path === '' ? message : `${path}: ${message}`,
    ...(allowed !== undefined && { allowed }),
    fix: 'send rows by feature name as in the model document, or CSV without a header in the order of the inputs',
    issues: [{ path, message }],
  });
}
