/** The few tokens in which SQL engines differ. Everything else in the generated SQL is the same everywhere. */
export type SqlDialect = {
  readonly name: 'duckdb' | 'spark';
  readonly double: string;
  readonly bigint: string;
  /** An exact integer wide enough for a sum of squares of 64-bit integers times a row count. */
  readonly wideInteger: string;
  readonly identifier: (name: string) => string;
  readonly text: (value: string) => string;
  /** Microseconds since 1970 of a date or timestamp expression, as a 64-bit integer. */
  readonly microseconds: (expression: string) => string;
  /** Quotient of two non-negative 64-bit integers, rounded down. */
  readonly quotient: (dividend: string, divisor: string) => string;
  /** The value in the row where `order` is greatest (or least); rows whose order is null are left out. */
  readonly valueAt: (which: 'first' | 'last', value: string, order: string) => string;
  /** How many different values there are, nulls left out, as an integer. */
  readonly countDistinct: (expression: string) => string;
  /** A tuple that compares field by field. */
  readonly tuple: (fields: readonly string[]) => string;
};

const doubled = (quote: string, text: string): string => quote + text.replaceAll(quote, quote + quote) + quote;

export const duckdbDialect: SqlDialect = {
  name: 'duckdb',
  double: 'double',
  bigint: 'bigint',
  wideInteger: 'hugeint',
  identifier: (name) => doubled('"', name),
  text: (value) => doubled("'", value),
  microseconds: (expression) => `epoch_us(CAST(${expression} AS timestamp))`,
  quotient: (dividend, divisor) => `(${dividend}) // ${divisor}`,
  valueAt: (which, value, order) => `${which === 'last' ? 'arg_max' : 'arg_min'}(${value}, ${order})`,
  countDistinct: (expression) => `COUNT(DISTINCT ${expression})`,
  tuple: (fields) => `row(${fields.join(', ')})`,
};

/** Spark 3.4+ with `spark.sql.session.timeZone=UTC`; timestamps may be TIMESTAMP or TIMESTAMP_NTZ. */
export const sparkDialect: SqlDialect = {
  name: 'spark',
  double: 'double',
  bigint: 'bigint',
  wideInteger: 'decimal(38, 0)',
  identifier: (name) => doubled('`', name),
  // Spark reads backslash escapes inside a literal, so both the backslash and the quote are escaped.
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  microseconds: (expression) => `unix_micros(CAST(${expression} AS timestamp_ltz))`,
  quotient: (dividend, divisor) => `(${dividend}) div ${divisor}`,
  valueAt: (which, value, order) => `${which === 'last' ? 'max_by' : 'min_by'}(${value}, ${order})`,
  // COUNT(DISTINCT) makes a copy of every row for each column counted so; a set in the aggregate does not.
  countDistinct: (expression) => `size(collect_set(${expression}))`,
  tuple: (fields) => `struct(${fields.join(', ')})`,
};
