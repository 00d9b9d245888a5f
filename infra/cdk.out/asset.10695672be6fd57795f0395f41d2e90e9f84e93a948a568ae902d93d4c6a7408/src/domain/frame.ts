/**
 * A frame is a table of feature values in columns: what estimators fit on and scorers read.
 * Numeric columns hold 64-bit floats with NaN for missing; categorical columns hold codes into `levels`, -1 for missing.
 */
export type NumericColumn = {
  readonly kind: 'numeric';
  readonly name: string;
  /** One value per row; NaN = missing. */
  readonly values: Float64Array;
};

export type CategoricalColumn = {
  readonly kind: 'categorical';
  readonly name: string;
  /** One code per row: an index into `levels`, or -1 = missing. */
  readonly codes: Int32Array;
  readonly levels: readonly string[];
};

export type Column = NumericColumn | CategoricalColumn;

export type Frame = { readonly rowCount: number; readonly columns: readonly Column[] };

/** What a model expects of one input column; levels are fixed at training time. */
export type InputColumn =
  | { readonly kind: 'numeric'; readonly name: string }
  | { readonly kind: 'categorical'; readonly name: string; readonly levels: readonly string[] };

/** One borrower's feature values by name, as an API or a record carries them. */
export type FeatureValue = number | string | null;
export type FeatureRow = Readonly<Record<string, FeatureValue>>;

export function inputColumnsOf(frame: Frame): InputColumn[] {
  return frame.columns.map((column) =>
    column.kind === 'numeric'
      ? { kind: 'numeric', name: column.name }
      : { kind: 'categorical', name: column.name, levels: column.levels },
  );
}

export function selectRows(frame: Frame, rows: ArrayLike<number>): Frame {
  return { rowCount: rows.length, columns: frame.columns.map((column) => selectColumnRows(column, rows)) };
}

function selectColumnRows(column: Column, rows: ArrayLike<number>): Column {
  if (column.kind === 'numeric') {
    const values = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) values[i] = column.values[rows[i]!]!;
    return { ...column, values };
  }
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) codes[i] = column.codes[rows[i]!]!;
  return { ...column, codes };
}

/** Columns by name, in the order asked for. Throws RangeError naming a column that is not there. */
export function selectColumns(frame: Frame, names: readonly string[]): Frame {
  const byName = new Map(frame.columns.map((column) => [column.name, column]));
  const columns = names.map((name) => {
    const column = byName.get(name);
    if (!column) throw new RangeError(`no column "${name}" in the frame; it has: ${[...byName.keys()].join(', ')}`);
    return column;
  });
  return { rowCount: frame.rowCount, columns };
}

/**
 * The encoded row that every scorer reads: one 64-bit float per input column, in input order;
 * numeric value, or category code; NaN = missing. A level never seen in training is missing too.
 */
export function encodeRow(
  inputs: readonly InputColumn[],
  row: FeatureRow,
  out = new Float64Array(inputs.length),
): Float64Array {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const value = row[input.name];
    if (value === null || value === undefined) out[i] = Number.NaN;
    else if (input.kind === 'numeric') out[i] = typeof value === 'number' ? value : Number.NaN;
    else {
      const code = input.levels.indexOf(String(value));
      out[i] = code < 0 ? Number.NaN : code;
    }
  }
  return out;
}

/**
 * Reads frame row `index` as an encoded row. The frame's columns must be the inputs, in order;
 * a categorical column whose levels differ from the input's is translated by level name.
 */
export function rowEncoder(
  inputs: readonly InputColumn[],
  frame: Frame,
): (index: number, out: Float64Array) => Float64Array {
  const columns = selectColumns(
    frame,
    inputs.map((input) => input.name),
  ).columns;
  const translations = columns.map((column, i) => translationOf(inputs[i]!, column));
  return (index, out) => {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      if (column.kind === 'numeric') out[i] = column.values[index]!;
      else {
        const code = column.codes[index]!;
        const translated = code < 0 ? -1 : translations[i]![code]!;
        out[i] = translated < 0 ? Number.NaN : translated;
      }
    }
    return out;
  };
}

function translationOf(input: InputColumn, column: Column): Int32Array {
  if (input.kind !== column.kind) {
    throw new TypeError(
      `column "${input.name}" is ${column.kind} here but the model was trained on a ${input.kind} column`,
    );
  }
  if (input.kind === 'numeric' || column.kind === 'numeric') return new Int32Array(0);
  return Int32Array.from(column.levels, (level) => input.levels.indexOf(level));
}
