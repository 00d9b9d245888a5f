import { AssayError, type DecisionOutcome } from '../domain/index.ts';
import type { ResultColumn } from '../platform/index.ts';
import type { MartReader } from './mart-reader.ts';
import { ASSUMED_LGD } from './overview-spec.ts';
import { dimensionsOf, labelOf } from './segments.ts';

/** What a browser holds in memory for the whole book: about 12 bytes a row and one a dimension. */
export const MAX_STRATEGY_ROWS = 2_000_000;

/** A pd in 16 bits: 1.5e-5 apart, finer than any model's own uncertainty. */
const PD_STEPS = 65_535;
/** Codes of the credit policy's outcome, in the column `decision`. */
export const STRATEGY_DECISIONS: readonly DecisionOutcome[] = ['approved', 'counter_offer', 'referred', 'declined'];
const OUTCOME_NOT_KNOWN = 2;
/** Interest in 16 bits: steps of 0.01 % of the amount, up to 655 %. */
const INTEREST_STEPS = 10_000;
const NO_PRICE = 65_535;

/**
 * The book by column, safest application first, for a browser that recomputes a strategy over every row. Columns are little-endian
 * base64: `pd` Uint16 (pd x 65535), `amountMinor` Float32 (0 = not known), `outcome` Uint8 (0 repaid, 1 defaulted, 2 not known),
 * `decision` Uint8 (index into `decisions`), `interest` Uint16 (share of the amount x 10000, 65535 = the policy has no price), and a Uint8 code a dimension. Holds no id and no protected attribute.
 * @throws AssayError bad_input for a book above MAX_STRATEGY_ROWS
 */
export async function readStrategyBook(reader: MartReader) {
  const snapshot = await reader.snapshot();
  const { currency } = reader.context.portfolio;
  const fixed = { currency, assumedLgd: ASSUMED_LGD, decisions: [...STRATEGY_DECISIONS] };
  const hasMart = snapshot && (await reader.has('strategy'));
  if (!hasMart) {
    const columns = { pd: '', amountMinor: '', outcome: '', decision: '', interest: '' };
    return { state: 'empty' as const, snapshot: null, rows: 0, columns, dimensions: [], ...fixed };
  }
  const computed = await reader.cached(snapshot, 'strategy book', () => readColumns(reader));
  return { state: 'ready' as const, snapshot, ...computed, ...fixed };
}

async function readColumns(reader: MartReader) {
  const { warehouse } = reader.context;
  const { columns, rowCount } = await warehouse.columns(
    `SELECT pd, CAST(COALESCE(amount_minor, 0) AS DOUBLE) AS amount, CAST(COALESCE(defaulted, ${OUTCOME_NOT_KNOWN}) AS DOUBLE) AS outcome,
       CAST(COALESCE(list_position([${STRATEGY_DECISIONS.map((name) => `'${name}'`).join(', ')}], outcome) - 1, 3) AS DOUBLE) AS decision,
       ${await interestSql(reader)} AS interest
     FROM ${reader.from('strategy')} ORDER BY place`,
  );
  assertRows(rowCount);
  const [pd, amount, outcome, decision, interest] = columns.map(numbersOf);
  return {
    rows: rowCount,
    columns: {
      pd: base64(Uint16Array.from(pd!, (value) => Math.round(value * PD_STEPS))),
      amountMinor: base64(Float32Array.from(amount!)),
      outcome: base64(Uint8Array.from(outcome!)),
      decision: base64(Uint8Array.from(decision!)),
      interest: base64(Uint16Array.from(interest!)),
    },
    dimensions: await readDimensions(reader, rowCount),
  };
}

/** A mart built before prices were kept has none. */
async function interestSql(reader: MartReader): Promise<string> {
  const columns = await reader.context.warehouse.rows<{ column_name: string }>(
    `DESCRIBE SELECT * FROM ${reader.from('strategy')}`,
  );
  if (!columns.some(({ column_name }) => column_name === 'interest_share')) return `CAST(${NO_PRICE} AS DOUBLE)`;
  // least() takes the value for a null: the null is told first
  return `CAST(CASE WHEN interest_share IS NULL THEN ${NO_PRICE} ELSE least(round(interest_share * ${INTEREST_STEPS}), ${NO_PRICE - 1}) END AS DOUBLE)`;
}

function assertRows(rows: number): void {
  if (rows <= MAX_STRATEGY_ROWS) return;
  throw new AssayError('bad_input', {
    what: 'the book is too large to recompute in a browser',
    given: `${rows} applications`,
    allowed: `at most ${MAX_STRATEGY_ROWS}`,
    fix: 'use: assay simulate, which has no such limit',
  });
}

async function readDimensions(reader: MartReader, rowCount: number) {
  const found = [];
  for (const { name, title, unit } of dimensionsOf(reader)) {
    const levels = await reader.rows<{ position: number; segment: string; lower: number | null; upper: number | null }>(
      'strategy_members',
      'WHERE dimension = $1 QUALIFY row_number() OVER (PARTITION BY position, segment ORDER BY place) = 1 ORDER BY position, segment',
      [name],
    );
    const codes = await codesOf(reader, name, levels, rowCount);
    found.push({ name, title, unit, levels: levels.map(labelOf), codes: base64(codes) });
  }
  return found;
}

type Level = { readonly segment: string };

async function codesOf(
  reader: MartReader,
  dimension: string,
  levels: readonly Level[],
  rowCount: number,
): Promise<Uint8Array> {
  const { columns } = await reader.context.warehouse.columns(
    `SELECT CAST(place AS DOUBLE) AS place, segment FROM ${reader.from('strategy_members')} WHERE dimension = $1`,
    [dimension],
  );
  const codeOf = new Map(levels.map(({ segment }, code) => [segment, code]));
  const codes = new Uint8Array(rowCount);
  const [places, segments] = columns;
  numbersOf(places).forEach((place, i) => {
    codes[place] = codeOf.get(String(segments?.values[i])) ?? 0;
  });
  return codes;
}

export function numbersOf(column: ResultColumn | undefined): Float64Array {
  return column?.kind === 'numeric' ? column.values : new Float64Array(column?.values.length ?? 0);
}

/** Typed arrays are little-endian on every machine Node runs on. */
export function base64({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
