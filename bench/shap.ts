/**
 * Exact TreeSHAP of 300 trees of depth 6 in TypeScript, beside libxgboost through the engine (with its process and files)
 * and Python's XGBoost, in one run, one thread; and the largest difference between the attributions. libxgboost sums in
 * float32, so a difference of a few float32 units is its rounding, not ours: tests compare ours with the definition.
 * Run: ASSAY_PYTHON=… node bench/shap.ts [--json]
 */
import { pythonXgboost, scoreInPython, syntheticBook } from '../test/parity/xgboost-peer.ts';
import { encodedRows, median, microsecondsARow, openBenchModel } from './scoring-model.ts';

export type ShapBench = {
  readonly trees: number;
  readonly rows: number;
  readonly largestDifference: number;
  /** The same, over the size of the attribution where that is above 1. */
  readonly largestRelativeDifference: number;
  readonly microsecondsAssay: number;
  readonly microsecondsLibxgboost: number;
  readonly microsecondsPythonBulk: number | null;
  readonly microsecondsPythonOneRow: number | null;
  /** libxgboost in bulk over Assay: above 1 = Assay is quicker. */
  readonly ratio: number;
};

const ROWS = 2000;
const ROUNDS = 5;

export async function benchShap(): Promise<ShapBench> {
  const model = await openBenchModel();
  try {
    const matrix = syntheticBook(ROWS, 61);
    const encoded = encodedRows(matrix);
    const out = new Float64Array(matrix.columnCount);
    const hasPeer = 'version' in (await pythonXgboost());
    const times: { assay: number; native: number; bulk: number; oneRow: number }[] = [];
    let expected: Float32Array = new Float32Array(0);
    for (let round = 0; round < ROUNDS; round++) {
      const assay = microsecondsARow(encoded, 1, (row) => model.compiled.attribute(row, out));
      const started = performance.now();
      expected = await model.engine.contributions(model.modelJson, matrix);
      const native = ((performance.now() - started) * 1000) / ROWS;
      const options = { model: model.modelPath, contributions: true, oneRow: 50, repeats: 1 };
      const peer = hasPeer ? await scoreInPython(model.directory, matrix, options) : { bulk: 0, oneRow: 0 };
      times.push({ assay, native, ...peer });
    }
    return {
      trees: 300,
      rows: ROWS,
      ...differences(encoded, expected, (row) => model.compiled.attribute(row, out), out),
      microsecondsAssay: median(times.map((time) => time.assay)),
      microsecondsLibxgboost: median(times.map((time) => time.native)),
      microsecondsPythonBulk: hasPeer ? median(times.map((time) => time.bulk)) : null,
      microsecondsPythonOneRow: hasPeer ? median(times.map((time) => time.oneRow)) : null,
      ratio: median(times.map((time) => (hasPeer ? time.bulk : time.native) / time.assay)),
    };
  } finally {
    await model.close();
  }
}

function differences(
  rows: readonly Float64Array[],
  expected: Float32Array,
  attribute: (row: Float64Array) => number,
  out: Float64Array,
): { largestDifference: number; largestRelativeDifference: number } {
  let [largestDifference, largestRelativeDifference] = [0, 0];
  rows.forEach((row, i) => {
    const bias = attribute(row);
    [...out, bias].forEach((value, c) => {
      const difference = Math.abs(value - expected[i * (out.length + 1) + c]!);
      largestDifference = Math.max(largestDifference, difference);
      largestRelativeDifference = Math.max(largestRelativeDifference, difference / Math.max(1, Math.abs(value)));
    });
  });
  return { largestDifference, largestRelativeDifference };
}

if (import.meta.main) {
  const result = await benchShap();
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.table(result);
}
