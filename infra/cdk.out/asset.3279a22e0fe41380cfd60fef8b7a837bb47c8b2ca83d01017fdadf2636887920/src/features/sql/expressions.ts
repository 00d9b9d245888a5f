import type { Arithmetic, ColumnSchema, Condition } from '../../domain/index.ts';
import type { DateReference } from '../references.ts';
import { MICROSECONDS_PER_DAY } from '../time.ts';
import type { SqlDialect } from './dialect.ts';

/** SQL expressions whose value is the same bit for bit in every engine and in the online evaluation. */
export type SqlExpressions = ReturnType<typeof sqlExpressions>;

export function sqlExpressions(dialect: SqlDialect) {
  const { identifier, text } = dialect;
  const asDouble = (expression: string): string => `CAST(${expression} AS ${dialect.double})`;
  const asBigint = (expression: string): string => `CAST(${expression} AS ${dialect.bigint})`;
  const asWide = (expression: string): string => `CAST(${expression} AS ${dialect.wideInteger})`;

  /** Nearest double of an exact wide integer: DuckDB, Java and JavaScript all round it once (test/parity holds them to it). */
  const exactDouble = asDouble;

  /** A number as a double; through text where the literal would be a decimal of limited digits. */
  const number = (value: number): string =>
    Number.isSafeInteger(value) ? asDouble(String(value)) : asDouble(text(String(value)));

  /** A column as a feature value: text as it is, anything else as a double. */
  const value = (expression: string, column: ColumnSchema): string => {
    if (column.type === 'text') return expression;
    if (column.type !== 'boolean') return asDouble(expression);
    return asDouble(`CASE WHEN ${expression} THEN 1 WHEN NOT ${expression} THEN 0 END`);
  };

  /** Whole days from a moment to asOf, rounded down, also when the moment lies ahead. */
  const wholeDays = (microseconds: string): string => {
    const day = String(MICROSECONDS_PER_DAY);
    const ahead = dialect.quotient(`${day} - 1 - (${microseconds})`, day);
    return `CASE WHEN ${microseconds} >= 0 THEN ${dialect.quotient(microseconds, day)} ELSE -(${ahead}) END`;
  };

  const condition = (item: Condition, column: ColumnSchema): string => {
    const literal = (constant: number | string): string => {
      if (typeof constant === 'string') return text(constant);
      return column.type === 'double' ? number(constant) : String(constant);
    };
    const name = identifier(item.column);
    if (typeof item.value !== 'object') return `${name} ${item.op} ${literal(item.value)}`;
    return `${name} ${item.op === 'in' ? 'IN' : 'NOT IN'} (${item.value.map(literal).join(', ')})`;
  };

  return { dialect, identifier, text, asDouble, asBigint, asWide, exactDouble, number, value, wholeDays, condition };
}

/** Arithmetic in doubles, operand by operand as written, so that the online evaluation rounds at the same places. */
export function arithmeticSql(
  node: Arithmetic,
  sql: SqlExpressions,
  daysName: (date: DateReference) => string,
): string {
  const of = (inner: Arithmetic): string => arithmeticSql(inner, sql, daysName);
  switch (node.op) {
    case 'feature':
      return sql.identifier(node.name);
    case 'number':
      return sql.number(node.value);
    case 'add':
      return `(${of(node.left)} + ${of(node.right)})`;
    case 'subtract':
      return `(${of(node.left)} - ${of(node.right)})`;
    case 'multiply':
      return `(${of(node.left)} * ${of(node.right)})`;
    case 'divide':
      return `CASE WHEN ${of(node.right)} <> 0 THEN ${of(node.left)} / ${of(node.right)} END`;
    case 'absolute':
      return `ABS(${of(node.of)})`;
    case 'negate':
      return `(-${of(node.of)})`;
    case 'least':
    case 'greatest': {
      // Not LEAST and GREATEST: some engines skip nulls there.
      const [left, right] = [of(node.left), of(node.right)];
      const [ifTrue, ifFalse] = node.op === 'least' ? [left, right] : [right, left];
      return `CASE WHEN ${left} <= ${right} THEN ${ifTrue} WHEN ${left} > ${right} THEN ${ifFalse} END`;
    }
    case 'coalesce':
      return `COALESCE(${of(node.of)}, ${of(node.otherwise)})`;
    case 'days_before_as_of':
      return sql.identifier(daysName(node.of));
  }
}
