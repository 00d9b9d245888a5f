import type { CategoricalColumn, Column, NumericColumn } from '../../domain/index.ts';
import type { DictionaryColumn } from './dictionary-column.ts';
import { DATE_FORMS, NUMBER_FORMS, type NumberForm, unitOf } from './parse-values.ts';
import type { FileWarning } from './warnings.ts';

/** What a file's column was taken for. */
export type TypedColumn = {
  readonly name: string;
  readonly type: 'number' | 'date' | 'category' | 'text_length' | 'left_out';
  readonly form: NumberForm['kind'] | null;
  readonly distinct: number;
  readonly missing: number;
  /** Why it was left out. */
  readonly reason: string | null;
  /** Null when left out. */
  readonly column: Column | null;
  readonly warning: FileWarning | null;
};

/** Texts that mean missing in any file. */
const ALWAYS_MISSING = ['', 'na', 'n/a', '#n/a', 'nan', 'null', 'none', '-', '.', '?'];

/** Share of rows that must read as numbers for a column to be one; the rest counts as missing, with a warning. */
const NUMERIC_SHARE = 0.95;
/** Up to this many levels are always a category; above it levels need rows: on average, or those that hold half of the rows. */
const FEW_LEVELS = 50;
const MAX_LEVELS = 1000;
const ROWS_PER_LEVEL = 20;
/** An identifier is told from a number only where enough rows could have repeated. */
const MIN_IDENTIFIER_ROWS = 50;
const IDENTIFIER_NAME = /(^|[^a-z])(id|key|uuid|guid|number|no|nr|ref|reference|rownames?|index|unnamed.*)$/i;

/**
 * Decides from its distinct values what a column is: number (also '10.65%', '1,234', ' 36 months', '10+ years', '3,5'), date (days since
 * 1970), category, or nothing a model can use (row number, identifier, constant, empty, free text: kept as its length).
 * No outcome is looked at, so nothing leaks into cross-validation.
 */
export function typeColumn(source: DictionaryColumn, missingTexts: readonly string[]): TypedColumn {
  const facts = factsOf(source, missingTexts);
  const left = leftOutEarly(facts);
  if (left) return left;
  const number = bestForm(
    facts,
    NUMBER_FORMS.filter((form) => form.kind !== 'with_unit' || hasOneUnit(facts)),
  );
  const date = bestForm(facts, DATE_FORMS);
  if (date.share >= NUMERIC_SHARE && (date.share > number.share || isCompactDate(facts)))
    return asNumber(facts, date, 'date');
  const isCode = facts.present.some((code) => /^0\d+$/.test(source.values[code]!));
  if (number.share >= NUMERIC_SHARE && !isCode) return asNumberOrIdentifier(facts, number);
  return asCategoryOrText(facts, number);
}

type Facts = {
  readonly source: DictionaryColumn;
  /** Codes of values that are there and not missing. */
  readonly present: readonly number[];
  readonly missing: number;
  readonly rows: number;
};

/** Tests a text against what always means missing and what this file's owner says does. */
export function isMissingText(missingTexts: readonly string[]): (text: string) => boolean {
  const asMissing = new Set(missingTexts.map((text) => text.trim().toLowerCase()));
  for (const text of ALWAYS_MISSING) asMissing.add(text);
  return (text) => asMissing.has(text.toLowerCase());
}

function factsOf(source: DictionaryColumn, missingTexts: readonly string[]): Facts {
  const isMissing = isMissingText(missingTexts);
  const present: number[] = [];
  let missing = 0;
  source.values.forEach((value, code) => {
    const count = source.counts[code]!;
    if (count === 0) return;
    if (isMissing(value)) missing += count;
    else present.push(code);
  });
  return { source, present, missing, rows: source.codes.length };
}

function leftOutEarly(facts: Facts): TypedColumn | null {
  const { source, present, missing } = facts;
  if (present.length === 0) return leftOut(facts, 'all_missing', 'every row is missing');
  if (present.length === 1 && missing === 0) {
    return leftOut(facts, 'constant', `every row holds ${JSON.stringify(source.values[present[0]!])}`);
  }
  if (missing === 0 && isRowNumber(source)) return leftOut(facts, 'row_number', 'it only numbers the rows');
  return null;
}

/** Whole numbers that grow by one from row to row. */
function isRowNumber({ values, codes }: DictionaryColumn): boolean {
  if (values.length !== codes.length || codes.length < 3) return false;
  const first = Number(values[codes[0]!]);
  if (!Number.isInteger(first)) return false;
  return codes.every((code, i) => Number(values[code]) === first + i);
}

function leftOut(facts: Facts, code: FileWarning['code'], reason: string): TypedColumn {
  const { source, present, missing } = facts;
  return {
    name: source.name,
    type: 'left_out',
    form: null,
    distinct: present.length,
    missing,
    reason,
    column: null,
    warning: { code, column: source.name, text: `column "${source.name}" is left out: ${reason}` },
  };
}

type Reading = {
  readonly form: NumberForm;
  /** By code; NaN where not understood or missing. */
  readonly values: Float64Array;
  /** Share of the rows present that were understood. */
  readonly share: number;
  readonly unread: readonly number[];
};

function read(facts: Facts, form: NumberForm): Reading {
  const values = new Float64Array(facts.source.values.length).fill(Number.NaN);
  const unread: number[] = [];
  let understood = 0;
  for (const code of facts.present) {
    values[code] = form.parse(facts.source.values[code]!);
    if (Number.isNaN(values[code])) unread.push(code);
    else understood += facts.source.counts[code]!;
  }
  return { form, values, share: understood / (facts.rows - facts.missing), unread };
}

function bestForm(facts: Facts, forms: readonly NumberForm[]): Reading {
  let best: Reading | undefined;
  for (const form of forms) {
    const reading = read(facts, form);
    if (!best || reading.share > best.share) best = reading;
    if (best.share === 1) break;
  }
  return best!;
}

/** All values carry the same unit, or none: '36 months' and '12 kg' are not one quantity. */
function hasOneUnit({ source, present }: Facts): boolean {
  const units = new Set<string>();
  for (const code of present) {
    const unit = unitOf(source.values[code]!);
    if (unit) units.add(unit);
    if (units.size > 1) return false;
  }
  return true;
}

/** Eight digits that are real dates throughout, too many to be chance. */
function isCompactDate({ source, present }: Facts): boolean {
  return present.length >= 20 && present.every((code) => /^(19|20)\d{6}$/.test(source.values[code]!));
}

function asNumberOrIdentifier(facts: Facts, reading: Reading): TypedColumn {
  const { source, present, rows, missing } = facts;
  const isUnique = present.length === rows - missing && present.length >= MIN_IDENTIFIER_ROWS;
  if (isUnique && reading.values.every((value) => Number.isNaN(value) || Number.isInteger(value))) {
    if (IDENTIFIER_NAME.test(source.name) || isMonotone(reading.values, source.codes)) {
      return leftOut(facts, 'identifier', 'every row holds another whole number: an identifier');
    }
  }
  return asNumber(facts, reading, 'number');
}

function isMonotone(values: Float64Array, codes: Uint32Array): boolean {
  let rising = true;
  let falling = true;
  for (let i = 1; i < codes.length && (rising || falling); i++) {
    const step = values[codes[i]!]! - values[codes[i - 1]!]!;
    rising &&= step > 0;
    falling &&= step < 0;
  }
  return rising || falling;
}

function asNumber(facts: Facts, reading: Reading, type: 'number' | 'date'): TypedColumn {
  const { source, missing, present } = facts;
  const column: NumericColumn = {
    kind: 'numeric',
    name: source.name,
    values: Float64Array.from(source.codes, (code) => reading.values[code]!),
  };
  const unreadRows = reading.unread.reduce((sum, code) => sum + source.counts[code]!, 0);
  const warning = unreadRows > 0 ? mixed(source, reading, unreadRows, 'count as missing') : dateWarning(source, type);
  return {
    name: source.name,
    type,
    form: reading.form.kind,
    distinct: present.length,
    missing: missing + unreadRows,
    reason: null,
    column,
    warning,
  };
}

function mixed(source: DictionaryColumn, reading: Reading, rows: number, effect: string): FileWarning {
  const examples = reading.unread.slice(0, 3).map((code) => JSON.stringify(source.values[code]!.slice(0, 30)));
  return {
    code: 'mixed_types',
    column: source.name,
    text: `column "${source.name}" mixes numbers and text: ${rows} rows such as ${examples.join(', ')} ${effect}`,
  };
}

function dateWarning(source: DictionaryColumn, type: 'number' | 'date'): FileWarning | null {
  if (type !== 'date') return null;
  return {
    code: 'date_feature',
    column: source.name,
    text: `column "${source.name}" is a date, used as days since 1970: a model can learn the calendar from it; for a fair test split by time (--time) or --drop it`,
  };
}

function asCategoryOrText(facts: Facts, number: Reading): TypedColumn {
  const { source, present, rows, missing } = facts;
  const levels = present.length;
  const filled = rows - missing;
  const isCategory =
    levels <= FEW_LEVELS
      ? levels < filled || filled < MIN_IDENTIFIER_ROWS
      : levels <= MAX_LEVELS && (filled / levels >= ROWS_PER_LEVEL || rowsOfCommonLevels(facts) >= filled / 2);
  if (isCategory) return asCategory(facts, number);
  if (number.share >= 0.5) return asNumber(facts, number, 'number');
  const lengths = source.values.map((value) => value.length);
  const meanLength = present.reduce((sum, code) => sum + lengths[code]! * source.counts[code]!, 0) / filled;
  const hasWords = meanLength > 8 && present.some((code) => source.values[code]!.includes(' '));
  if (!hasWords) return leftOut(facts, 'identifier', `${levels} different texts in ${filled} rows: an identifier`);
  return asTextLength(facts, lengths);
}

/** Branches and employers are a few large ones and many small: what tells them from identifiers is that most rows repeat. */
function rowsOfCommonLevels({ source, present }: Facts): number {
  const counts = present.map((code) => source.counts[code]!);
  return counts.reduce((sum, count) => sum + (count >= ROWS_PER_LEVEL ? count : 0), 0);
}

function asCategory(facts: Facts, number: Reading): TypedColumn {
  const { source, present, missing } = facts;
  const levels = present.map((code) => source.values[code]!).sort();
  const levelOf = new Map(levels.map((level, i) => [level, i]));
  const translation = new Int32Array(source.values.length).fill(-1);
  for (const code of present) translation[code] = levelOf.get(source.values[code]!)!;
  const column: CategoricalColumn = {
    kind: 'categorical',
    name: source.name,
    levels,
    codes: Int32Array.from(source.codes, (code) => translation[code]!),
  };
  const isMixed = number.share > 0.2 && number.unread.length > 0;
  const unreadRows = number.unread.reduce((sum, code) => sum + source.counts[code]!, 0);
  return {
    name: source.name,
    type: 'category',
    form: null,
    distinct: levels.length,
    missing,
    reason: null,
    column,
    warning: isMixed ? mixed(source, number, unreadRows, 'make it a category') : null,
  };
}

/** Free text is not read, but that it is there, and how long it is, is known at application time. */
function asTextLength(facts: Facts, lengths: readonly number[]): TypedColumn {
  const { source, present, missing } = facts;
  const isPresent = new Uint8Array(source.values.length);
  for (const code of present) isPresent[code] = 1;
  const name = `${source.name} (length)`;
  const values = Float64Array.from(source.codes, (code) => (isPresent[code] ? lengths[code]! : 0));
  const text = `column "${source.name}" is free text (${present.length} different): only its length is used, as "${name}"`;
  return {
    name: source.name,
    type: 'text_length',
    form: null,
    distinct: present.length,
    missing,
    reason: null,
    column: { kind: 'numeric', name, values },
    warning: { code: 'free_text', column: source.name, text },
  };
}
