/** A column prepared for products: all values, and the rows where it is not 0 when those are few (dummies). */
export type GramColumn = { readonly values: Float64Array; readonly filled: Int32Array | undefined };

/** Up to this share of rows a column is walked by its filled rows alone. */
const SPARSE_SHARE = 1 / 8;
/** Columns side by side in a panel; the 4 x 4 sums of two panels stay in registers. */
const TILE = 4;
/** Rows of a panel: two of them fit in the nearest cache. */
const PANEL_ROWS = 512;

export function gramColumn(values: Float64Array): GramColumn {
  let count = 0;
  for (let row = 0; row < values.length; row++) if (values[row] !== 0) count++;
  if (count > SPARSE_SHARE * values.length) return { values, filled: undefined };
  const filled = new Int32Array(count);
  for (let row = 0, at = 0; row < values.length; row++) if (values[row] !== 0) filled[at++] = row;
  return { values, filled };
}

/**
 * X' W X: entry (a, b) = sum over rows of weight * x_a * x_b. Lower triangle, row-major, of size columns^2. Dense columns are
 * multiplied four by four, sparse ones by their filled rows.
 */
export function weightedGram(columns: readonly GramColumn[], weights: Float64Array): Float64Array {
  const gram = new Float64Array(columns.length * columns.length);
  const isDense = ({ filled }: GramColumn): boolean => filled === undefined;
  const dense = columns.flatMap((column, at) => (isDense(column) ? [at] : []));
  const products = denseProducts(
    dense.map((at) => columns[at]!.values),
    weights,
  );
  const stride = Math.ceil(dense.length / TILE) * TILE;
  dense.forEach((row, a) => {
    for (let b = 0; b <= a; b++) gram[row * columns.length + dense[b]!] = products[a * stride + b]!;
  });
  columns.forEach((column, at) => {
    if (!isDense(column)) addSparse(gram, columns, at, weights);
  });
  return gram;
}

/** Of size stride^2, the stride being the number of columns rounded up to whole panels. */
function denseProducts(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const count = Math.ceil(columns.length / TILE);
  const stride = count * TILE;
  const products = new Float64Array(stride * stride);
  const panels = Array.from({ length: count }, () => new Float64Array(PANEL_ROWS * TILE));
  const scaled = new Float64Array(PANEL_ROWS * TILE);
  for (let from = 0; from < weights.length; from += PANEL_ROWS) {
    const rows = Math.min(PANEL_ROWS, weights.length - from);
    columns.forEach((values, j) => {
      fillPanel(panels[(j - (j % TILE)) / TILE]!, j % TILE, values.subarray(from, from + rows));
    });
    for (let a = 0; a < count; a++) {
      scalePanel(scaled, panels[a]!, weights.subarray(from, from + rows));
      for (let b = 0; b <= a; b++) {
        addPanelProduct(products, (a * stride + b) * TILE, stride, scaled, panels[b]!, rows * TILE);
      }
    }
  }
  return products;
}

function fillPanel(panel: Float64Array, place: number, values: Float64Array): void {
  for (let row = 0, at = place; row < values.length; row++, at += TILE) panel[at] = values[row]!;
}

function scalePanel(scaled: Float64Array, panel: Float64Array, weights: Float64Array): void {
  for (let row = 0, at = 0; row < weights.length; row++) {
    for (let k = 0; k < TILE; k++, at++) scaled[at] = panel[at]! * weights[row]!;
  }
}

/** Adds the sixteen sums of products of two panels; written out, since a loop over them would go through memory. */
function addPanelProduct(
  out: Float64Array,
  at: number,
  stride: number,
  a: Float64Array,
  b: Float64Array,
  length: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (let i = 0; i < length; i += TILE) {
    const a0 = a[i]!;
    const a1 = a[i + 1]!;
    const a2 = a[i + 2]!;
    const a3 = a[i + 3]!;
    const b0 = b[i]!;
    const b1 = b[i + 1]!;
    const b2 = b[i + 2]!;
    const b3 = b[i + 3]!;
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  addRow(out, at, s00, s01, s02, s03);
  addRow(out, at + stride, s10, s11, s12, s13);
  addRow(out, at + 2 * stride, s20, s21, s22, s23);
  addRow(out, at + 3 * stride, s30, s31, s32, s33);
}

function addRow(out: Float64Array, at: number, ...sums: readonly [number, number, number, number]): void {
  for (let k = 0; k < TILE; k++) out[at + k]! += sums[k]!;
}

/** Products of a sparse column with every dense one, and with the sparse ones up to itself. */
function addSparse(gram: Float64Array, columns: readonly GramColumn[], at: number, weights: Float64Array): void {
  const { values, filled: rows = new Int32Array(0) } = columns[at]!;
  const scaled = Float64Array.from(rows, (row) => values[row]! * weights[row]!);
  columns.forEach((other, j) => {
    if (other.filled !== undefined && j > at) return;
    let sum = 0;
    for (let k = 0; k < rows.length; k++) sum += scaled[k]! * other.values[rows[k]!]!;
    gram[Math.max(at, j) * columns.length + Math.min(at, j)] = sum;
  });
}
