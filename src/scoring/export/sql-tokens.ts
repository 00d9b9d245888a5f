import { sparkDialect } from '../../features/index.ts';

/** The tokens in which the engines that score in SQL differ. */
export type ScoreSqlTokens = {
  /** A 64-bit float. */
  readonly double: string;
  readonly string: string;
  readonly identifier: (name: string) => string;
  readonly text: (value: string) => string;
  /** ln(1 + x) of an x that is not negative. */
  readonly log1p: (expression: string) => string;
};

/** Of DuckDB and PostgreSQL both. */
export const commonTokens: ScoreSqlTokens = {
  double: 'FLOAT8',
  string: 'VARCHAR',
  identifier: (name) => `"${name.replaceAll('"', '""')}"`,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  log1p: (expression) => `ln(${literal(1, 'FLOAT8')} + ${expression})`,
};

/** Its exp, ln and log1p are Java's strict ones: the same algorithm, and so the same bits, as JavaScript's here. */
export const sparkTokens: ScoreSqlTokens = {
  double: 'DOUBLE',
  string: 'STRING',
  identifier: sparkDialect.identifier,
  text: sparkDialect.text,
  log1p: (expression) => `log1p(${expression})`,
};

/** Exact in every engine: a decimal text cast to 64 bits is rounded once, to the number it was written from. */
export function literal(value: number, double: string): string {
  return `CAST('${value}' AS ${double})`;
}
