/**
 * Symmetric positive definite systems, in place, lower triangle of a row-major matrix.
 * Factorises A = L L'. Returns false when a pivot is not safely above 0: the matrix is singular to working precision.
 */
export function factorize(matrix: Float64Array, size: number): boolean {
  for (let column = 0; column < size; column++) {
    const diagonal = column * size + column;
    const before = matrix[diagonal]!;
    const pivot = before - dotRows(matrix, size, column, column, column);
    if (!(pivot > 1e-12 * Math.abs(before)) || !Number.isFinite(pivot)) return false;
    const root = Math.sqrt(pivot);
    matrix[diagonal] = root;
    for (let row = column + 1; row < size; row++) {
      const at = row * size + column;
      matrix[at] = (matrix[at]! - dotRows(matrix, size, row, column, column)) / root;
    }
  }
  return true;
}

function dotRows(matrix: Float64Array, size: number, a: number, b: number, length: number): number {
  let sum = 0;
  for (let k = 0, i = a * size, j = b * size; k < length; k++, i++, j++) sum += matrix[i]! * matrix[j]!;
  return sum;
}

/** Solves L L' x = b, overwriting b. */
export function solve(factor: Float64Array, size: number, b: Float64Array): void {
  for (let row = 0; row < size; row++) {
    let sum = b[row]!;
    for (let k = 0; k < row; k++) sum -= factor[row * size + k]! * b[k]!;
    b[row] = sum / factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = b[row]!;
    for (let k = row + 1; k < size; k++) sum -= factor[k * size + row]! * b[k]!;
    b[row] = sum / factor[row * size + row]!;
  }
}

/** Diagonal of (L L')^-1: the squared lengths of the columns of L^-1, each of which begins at its own place. */
export function inverseDiagonal(factor: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  const column = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    let squares = 0;
    for (let row = at; row < size; row++) {
      let sum = row === at ? 1 : 0;
      for (let k = at, i = row * size + at; k < row; k++, i++) sum -= factor[i]! * column[k]!;
      column[row] = sum / factor[row * size + row]!;
      squares += column[row]! ** 2;
    }
    diagonal[at] = squares;
  }
  return diagonal;
}
