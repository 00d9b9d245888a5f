import { DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { AssayError } from '../../domain/index.ts';
import { parseDays, parseInstant } from './calendar.ts';

export type Cell = string | number | boolean | null;

/** Writes rows `from` to `from + count` of `cells` into a vector. */
export type ColumnWriter = (vector: duckdb.Vector, cells: readonly Cell[], from: number, count: number) => void;

/**
 * How to fill a vector of this type: one typed array per chunk copied in one call; text is assigned value by value.
 * @throws AssayError bad_input, at once for a type that is not supported, while writing for a value that does not fit.
 */
export function columnWriter(column: number, type: DuckDBType): ColumnWriter {
  if (type.typeId === DuckDBTypeId.VARCHAR) return writeTexts;
  const store = storeFor(type);
  if (!store) throw unsupported(column, type);
  return fixedWriter(column, type, store);
}

/** Puts one value into the chunk's bytes; false when it does not fit the type. */
type Store = { readonly bytes: number; put(view: DataView, offset: number, cell: string | number | boolean): boolean };

function fixedWriter(column: number, type: DuckDBType, store: Store): ColumnWriter {
  const view = new DataView(new ArrayBuffer(duckdb.vector_size() * store.bytes));
  return (vector, cells, from, count) => {
    for (let row = 0; row < count; row++) {
      const cell = cells[from + row];
      if (cell === null || cell === undefined) continue;
      if (!store.put(view, row * store.bytes, cell)) throw misfit(column, type, from + row, cell);
    }
    duckdb.copy_data_to_vector(vector, 0, view.buffer, 0, count * store.bytes);
    writeNulls(vector, cells, from, count);
  };
}

const writeTexts: ColumnWriter = (vector, cells, from, count) => {
  for (let row = 0; row < count; row++) {
    const cell = cells[from + row];
    if (cell !== null && cell !== undefined) duckdb.vector_assign_string_element(vector, row, String(cell));
  }
  writeNulls(vector, cells, from, count);
};

function writeNulls(vector: duckdb.Vector, cells: readonly Cell[], from: number, count: number): void {
  let validity: Uint8Array<ArrayBuffer> | undefined;
  for (let row = 0; row < count; row++) {
    const cell = cells[from + row];
    if (cell !== null && cell !== undefined) continue;
    validity ??= new Uint8Array(Math.ceil(count / 64) * 8).fill(0xff);
    validity[row >> 3]! &= ~(1 << (row & 7));
  }
  if (!validity) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validity.length);
}

function storeFor(type: DuckDBType): Store | undefined {
  if (type instanceof DuckDBDecimalType) return decimalStore(type);
  return STORES[type.typeId];
}

const integer = (bytes: 1 | 2 | 4, min: number, max: number): Store => ({
  bytes,
  put(view, offset, cell) {
    if (typeof cell !== 'number' || !Number.isInteger(cell) || cell < min || cell > max) return false;
    if (bytes === 1) view.setInt8(offset, cell);
    else if (bytes === 2) view.setInt16(offset, cell, true);
    else view.setInt32(offset, cell, true);
    return true;
  },
});

/** Two halves instead of a BigInt: several times quicker. */
function putSafeInteger(view: DataView, offset: number, value: number): boolean {
  if (!Number.isSafeInteger(value)) return false;
  view.setUint32(offset, value >>> 0, true);
  view.setInt32(offset + 4, Math.floor(value / 2 ** 32), true);
  return true;
}

const micros: Store = {
  bytes: 8,
  put(view, offset, cell) {
    const instant = parseInstant(String(cell));
    if (!instant) return false;
    if (putSafeInteger(view, offset, instant.ms * 1000 + instant.micros)) return true;
    view.setBigInt64(offset, BigInt(instant.ms) * 1000n + BigInt(instant.micros), true);
    return true;
  },
};

const STORES: Partial<Record<DuckDBTypeId, Store>> = {
  [DuckDBTypeId.BOOLEAN]: {
    bytes: 1,
    put(view, offset, cell) {
      view.setInt8(offset, cell === true ? 1 : 0);
      return typeof cell === 'boolean';
    },
  },
  [DuckDBTypeId.TINYINT]: integer(1, -128, 127),
  [DuckDBTypeId.UTINYINT]: integer(1, 0, 255),
  [DuckDBTypeId.SMALLINT]: integer(2, -32_768, 32_767),
  [DuckDBTypeId.USMALLINT]: integer(2, 0, 65_535),
  [DuckDBTypeId.INTEGER]: integer(4, -2_147_483_648, 2_147_483_647),
  [DuckDBTypeId.UINTEGER]: integer(4, 0, 4_294_967_295),
  [DuckDBTypeId.BIGINT]: {
    bytes: 8,
    put: (view, offset, cell) => typeof cell === 'number' && putSafeInteger(view, offset, cell),
  },
  [DuckDBTypeId.FLOAT]: {
    bytes: 4,
    put(view, offset, cell) {
      view.setFloat32(offset, Number(cell), true);
      return typeof cell === 'number';
    },
  },
  [DuckDBTypeId.DOUBLE]: {
    bytes: 8,
    put(view, offset, cell) {
      view.setFloat64(offset, Number(cell), true);
      return typeof cell === 'number';
    },
  },
  [DuckDBTypeId.DATE]: {
    bytes: 4,
    put(view, offset, cell) {
      const days = parseDays(String(cell));
      if (days !== undefined) view.setInt32(offset, days, true);
      return days !== undefined;
    },
  },
  [DuckDBTypeId.TIMESTAMP]: micros,
  [DuckDBTypeId.TIMESTAMP_TZ]: micros,
};

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** DECIMAL from its shortest decimal text, so that 0.1 is stored as 0.1; more digits than the scale are refused, not rounded. */
function decimalStore(type: DuckDBDecimalType): Store {
  const bytes = type.width <= 4 ? 2 : type.width <= 9 ? 4 : type.width <= 18 ? 8 : 16;
  const limit = 10n ** BigInt(type.width);
  return {
    bytes,
    put(view, offset, cell) {
      const match = DECIMAL.exec(String(cell));
      const fraction = (match?.[3] ?? '').replace(/0+$/, '');
      if (!match || fraction.length > type.scale) return false;
      const digits = BigInt(`${match[2]}${fraction.padEnd(type.scale, '0')}`);
      if (digits >= limit) return false;
      putBytes(view, offset, bytes, match[1] === '-' ? -digits : digits);
      return true;
    },
  };
}

function putBytes(view: DataView, offset: number, bytes: number, value: bigint): void {
  if (bytes === 2) view.setInt16(offset, Number(value), true);
  else if (bytes === 4) view.setInt32(offset, Number(value), true);
  else view.setBigInt64(offset, BigInt.asIntN(64, value), true);
  if (bytes === 16) view.setBigInt64(offset + 8, value >> 64n, true);
}

function unsupported(column: number, type: DuckDBType): AssayError {
  return new AssayError('bad_input', {
    what: `column ${column} cannot be appended to`,
    given: String(type),
    allowed: 'BOOLEAN, integers up to BIGINT, FLOAT, DOUBLE, DECIMAL, VARCHAR, DATE, TIMESTAMP',
    fix: 'append as VARCHAR and cast in SQL',
  });
}

function misfit(column: number, type: DuckDBType, row: number, cell: Cell): AssayError {
  return new AssayError('bad_input', {
    what: `row ${row}, column ${column}: the value does not fit the column`,
    given: `${typeof cell} ${JSON.stringify(cell)}`.slice(0, 100),
    allowed: `${type}${type.typeId === DuckDBTypeId.BIGINT ? ' (safe integers)' : ''}, or null`,
  });
}
