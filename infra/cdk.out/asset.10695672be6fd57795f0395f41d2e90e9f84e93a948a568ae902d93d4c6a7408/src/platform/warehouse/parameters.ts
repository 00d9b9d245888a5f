import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { SqlValue } from '../contract.ts';

const INT64_LIMIT = 2n ** 63n;

/** Parameters with their types: whole safe numbers are BIGINT, other numbers DOUBLE, instants TIMESTAMP (UTC). */
export async function bindable(
  parameters: readonly SqlValue[],
): Promise<{ values: DuckDBValue[]; types: DuckDBType[] }> {
  const { BIGINT, BOOLEAN, DOUBLE, DuckDBTimestampValue, HUGEINT, SQLNULL, TIMESTAMP, VARCHAR } = await import(
    '@duckdb/node-api'
  );
  const bind = (value: SqlValue): [DuckDBValue, DuckDBType] => {
    if (value === null) return [null, SQLNULL];
    if (value instanceof Date) return [new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n), TIMESTAMP];
    switch (typeof value) {
      case 'string':
        return [value, VARCHAR];
      case 'boolean':
        return [value, BOOLEAN];
      case 'bigint':
        return [value, value >= -INT64_LIMIT && value < INT64_LIMIT ? BIGINT : HUGEINT];
      case 'number':
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? [BigInt(value), BIGINT] : [value, DOUBLE];
    }
  };
  const bound = parameters.map(bind);
  return { values: bound.map(([value]) => value), types: bound.map(([, type]) => type) };
}
