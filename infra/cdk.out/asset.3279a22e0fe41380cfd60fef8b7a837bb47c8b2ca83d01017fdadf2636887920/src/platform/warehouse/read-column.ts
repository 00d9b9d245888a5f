import { type DuckDBDataChunk, DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { AssayError } from '../../domain/index.ts';
import type { ResultColumn } from '../contract.ts';
import { dateText, farTimestampText, timestampText } from './calendar.ts';

/**
 * Reads one column of a result out of its chunks, straight from the vectors' memory: building an object per row is tens
 * of times slower. Numbers, booleans and DECIMAL become 64-bit floats (NaN = null); dates, timestamps (UTC) and all else text.
 */
export function readColumn(
  name: string,
  type: DuckDBType,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  rowCount: number,
): ResultColumn {
  const toNumber = numberReader(name, type);
  return toNumber
    ? readNumbers(name, toNumber, chunks, index, rowCount)
    : readTexts(name, type, chunks, index, rowCount);
}

/** Writes `count` values of a vector's bytes into `out` from `at` on; nulls are set afterwards. */
type NumberReader = {
  readonly bytes: number;
  read(data: Uint8Array, out: Float64Array, at: number, count: number, isNull: IsNull): void;
};
type IsNull = (row: number) => boolean;

function readNumbers(
  name: string,
  reader: NumberReader,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  rowCount: number,
): ResultColumn {
  const values = new Float64Array(rowCount);
  let at = 0;
  for (const chunk of chunks) {
    const count = chunk.rowCount;
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
    const isNull = nullsOf(vector, count);
    reader.read(duckdb.vector_get_data(vector, count * reader.bytes), values, at, count, isNull ?? never);
    if (isNull) for (let row = 0; row < count; row++) if (isNull(row)) values[at + row] = Number.NaN;
    at += count;
  }
  return { name, kind: 'numeric', values };
}

const never: IsNull = () => false;

/** Undefined when no row of the vector is null. */
function nullsOf(vector: duckdb.Vector, count: number): IsNull | undefined {
  const validity: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(count / 64) * 8);
  return validity ? (row) => ((validity[row >> 3]! >> (row & 7)) & 1) === 0 : undefined;
}

type NumberArray = { readonly [row: number]: number };
type NumberArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): NumberArray;
};

const PLAIN: Partial<Record<DuckDBTypeId, NumberArrayConstructor>> = {
  [DuckDBTypeId.BOOLEAN]: Uint8Array,
  [DuckDBTypeId.TINYINT]: Int8Array,
  [DuckDBTypeId.UTINYINT]: Uint8Array,
  [DuckDBTypeId.SMALLINT]: Int16Array,
  [DuckDBTypeId.USMALLINT]: Uint16Array,
  [DuckDBTypeId.INTEGER]: Int32Array,
  [DuckDBTypeId.UINTEGER]: Uint32Array,
  [DuckDBTypeId.FLOAT]: Float32Array,
  [DuckDBTypeId.DOUBLE]: Float64Array,
};

function numberReader(name: string, type: DuckDBType): NumberReader | undefined {
  if (type instanceof DuckDBDecimalType) return decimalReader(name, type);
  const plain = PLAIN[type.typeId];
  if (plain) return plainReader(plain);
  if (type.typeId === DuckDBTypeId.BIGINT) return wideReader(8, signed64, checked(name));
  if (type.typeId === DuckDBTypeId.UBIGINT) return wideReader(8, unsigned64, checked(name));
  if (type.typeId === DuckDBTypeId.HUGEINT) return wideReader(16, signed128, checked(name));
  if (type.typeId === DuckDBTypeId.UHUGEINT) return wideReader(16, signed128, checked(name));
  return undefined;
}

function plainReader(Type: NumberArrayConstructor, scale = 1): NumberReader {
  const read: NumberReader['read'] = (data, out, at, count) => {
    const values = new Type(data.buffer, data.byteOffset, count);
    for (let row = 0; row < count; row++) out[at + row] = values[row]! / scale;
  };
  return { bytes: Type.BYTES_PER_ELEMENT, read };
}

type Wide = (view: DataView, offset: number) => number;
const TWO_32 = 2 ** 32;
const TWO_64 = 2 ** 64;
const signed64: Wide = (view, offset) => view.getInt32(offset + 4, true) * TWO_32 + view.getUint32(offset, true);
const unsigned64: Wide = (view, offset) => view.getUint32(offset + 4, true) * TWO_32 + view.getUint32(offset, true);
/** Small negatives have all upper bits set: the lower half then is the whole value. */
const signed128: Wide = (view, offset) => {
  const upper = view.getBigInt64(offset + 8, true);
  if (upper === 0n) return unsigned64(view, offset);
  return upper === -1n
    ? signed64(view, offset) - (view.getInt32(offset + 4, true) < 0 ? 0 : TWO_64)
    : Number(upper) * TWO_64;
};

function wideReader(bytes: number, wide: Wide, finish: (value: number) => number): NumberReader {
  const read: NumberReader['read'] = (data, out, at, count, isNull) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    // What lies under a null is undefined: it must not raise the range error.
    for (let row = 0; row < count; row++) if (!isNull(row)) out[at + row] = finish(wide(view, row * bytes));
  };
  return { bytes, read };
}

/** Powers of ten up to 22 are exact floats, so dividing a safe integer by one gives the nearest float to the decimal. */
function decimalReader(name: string, type: DuckDBDecimalType): NumberReader {
  const scale = 10 ** type.scale;
  if (type.width <= 4) return plainReader(Int16Array, scale);
  if (type.width <= 9) return plainReader(Int32Array, scale);
  const check = type.scale === 0 ? checked(name) : (value: number) => value;
  return wideReader(
    type.width <= 18 ? 8 : 16,
    type.width <= 18 ? signed64 : signed128,
    (value) => check(value) / scale,
  );
}

function checked(name: string): (value: number) => number {
  return (value) => {
    if (Number.isSafeInteger(value)) return value;
    throw new AssayError('bad_input', {
      what: `column "${name}" holds an integer that a 64-bit float cannot hold exactly`,
      given: String(value),
      allowed: `-${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
      fix: 'cast the column to VARCHAR (identifiers) or to DOUBLE (where rounding is meant) in the query',
    });
  };
}

function readTexts(
  name: string,
  type: DuckDBType,
  chunks: readonly DuckDBDataChunk[],
  index: number,
  rowCount: number,
): ResultColumn {
  const values = new Array<string | null>(rowCount).fill(null);
  const toText = textReader(type);
  let at = 0;
  for (const chunk of chunks) {
    toText(chunk, index, values, at);
    at += chunk.rowCount;
  }
  return { name, kind: 'text', values };
}

type TextReader = (chunk: DuckDBDataChunk, index: number, out: (string | null)[], at: number) => void;

function textReader(type: DuckDBType): TextReader {
  if (type.typeId === DuckDBTypeId.DATE)
    return fixedTextReader(4, (view, offset) => dateText(view.getInt32(offset, true)));
  const microsPerUnit = MICROS_PER_UNIT[type.typeId];
  if (microsPerUnit !== undefined) return fixedTextReader(8, instantReader(microsPerUnit));
  return (chunk, index, out, at) => {
    const vector = chunk.getColumnVector(index);
    for (let row = 0; row < vector.itemCount; row++) {
      const value = vector.getItem(row);
      out[at + row] = value === null ? null : String(value);
    }
  };
}

const MICROS_PER_UNIT: Partial<Record<DuckDBTypeId, number>> = {
  [DuckDBTypeId.TIMESTAMP]: 1,
  [DuckDBTypeId.TIMESTAMP_TZ]: 1,
  [DuckDBTypeId.TIMESTAMP_MS]: 1000,
  [DuckDBTypeId.TIMESTAMP_S]: 1_000_000,
};

function instantReader(microsPerUnit: number): (view: DataView, offset: number) => string {
  return (view, offset) => {
    const micros = signed64(view, offset) * microsPerUnit;
    if (Number.isSafeInteger(micros)) return timestampText(micros);
    return farTimestampText(view.getBigInt64(offset, true) * BigInt(microsPerUnit));
  };
}

function fixedTextReader(bytes: number, text: (view: DataView, offset: number) => string): TextReader {
  return (chunk, index, out, at) => {
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index);
    const isNull = nullsOf(vector, chunk.rowCount) ?? never;
    const data = duckdb.vector_get_data(vector, chunk.rowCount * bytes);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    for (let row = 0; row < chunk.rowCount; row++) if (!isNull(row)) out[at + row] = text(view, row * bytes);
  };
}
