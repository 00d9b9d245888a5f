import type { Column, Frame } from '../../domain/index.ts';

/** Levels with a smaller share of the rows are one with the rest. */
const RARE_SHARE = 0.01;

/** Columns of mean 0 and variance 1, each of one feature: what a linear model sees of a frame. */
export type LinearDesign = {
  readonly rowCount: number;
  readonly columns: readonly Float64Array[];
  /** Feature of each column. */
  readonly features: readonly string[];
};

/** Numbers as they are (missing at the mean, with a column that says so), categories as one column a level; standardized. */
export function linearDesign(frame: Frame): LinearDesign {
  const found: { feature: string; values: Float64Array }[] = [];
  for (const column of frame.columns) {
    for (const values of valuesOf(column, frame.rowCount)) {
      const standard = standardized(values);
      if (standard) found.push({ feature: column.name, values: standard });
    }
  }
  return {
    rowCount: frame.rowCount,
    columns: found.map(({ values }) => values),
    features: found.map(({ feature }) => feature),
  };
}

function valuesOf(column: Column, rowCount: number): Float64Array[] {
  if (column.kind === 'categorical') {
    return column.levels.flatMap((_, level) => {
      const isLevel = Float64Array.from(column.codes, (code) => (code === level ? 1 : 0));
      const share = isLevel.reduce((sum, value) => sum + value, 0) / rowCount;
      return share >= RARE_SHARE && share <= 1 - RARE_SHARE ? [isLevel] : [];
    });
  }
  const missing = Float64Array.from(column.values, (value) => (Number.isNaN(value) ? 1 : 0));
  const absent = missing.reduce((sum, value) => sum + value, 0);
  const mean = column.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0) / (rowCount - absent);
  const filled = column.values.map((value) => (Number.isNaN(value) ? mean : value));
  return absent / rowCount >= RARE_SHARE ? [filled, missing] : [filled];
}

/** Null for a column that does not vary. */
function standardized(values: Float64Array): Float64Array | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return deviation > 1e-12 ? values.map((value) => (value - mean) / deviation) : null;
}

/** The rows of a design, and what the other columns have to do with them. */
export function designRows({ columns, features }: LinearDesign, rows: Uint32Array): LinearDesign {
  return { rowCount: rows.length, features, columns: columns.map((column) => pick(column, rows)) };
}

export function pick(values: Float64Array, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) picked[i] = values[rows[i]!]!;
  return picked;
}
