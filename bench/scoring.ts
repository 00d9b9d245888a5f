/**
 * Scoring: margins of 300 trees of depth 6 in TypeScript, beside Python's XGBoost (in bulk and row by row); and bit-equality
 * with libxgboost over rows with missing values, float32 edges and the neighbours of split values.
 * Run: ASSAY_PYTHON=… node bench/scoring.ts [--rows 100000] [--json]
 */
import { parseArgs } from 'node:util';
import type { BoosterMatrix } from '../src/platform/index.ts';
import { pythonXgboost, scoreInPython, syntheticBook, xorshift } from '../test/parity/xgboost-peer.ts';
import { type BenchModel, encodedRows, median, microsecondsARow, openBenchModel } from './scoring-model.ts';

export type ScoringBench = {
  readonly trees: number;
  readonly fuzzedRows: number;
  /** Rows whose margin is not the same 32 bits as libxgboost's. */
  readonly mismatches: number;
  readonly microsecondsAssay: number;
  readonly microsecondsPythonBulk: number | null;
  readonly microsecondsPythonOneRow: number | null;
  /** Python in bulk, one thread, over Assay: above 1 = Assay is quicker. */
  readonly bulkRatio: number | null;
  readonly oneRowRatio: number | null;
};

const TIMED_ROWS = 20_000;
const ROUNDS = 5;

export async function benchScoring({ rows = 100_000 } = {}): Promise<ScoringBench> {
  const model = await openBenchModel();
  try {
    const mismatches = await countMismatches(model, withEdges(syntheticBook(rows, 31), model.modelJson));
    const matrix = syntheticBook(TIMED_ROWS, 41);
    const encoded = encodedRows(matrix);
    const hasPeer = 'version' in (await pythonXgboost());
    const [assay, bulk, oneRow]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      assay.push(microsecondsARow(encoded, 1, (row) => model.compiled.margin(row)));
      if (!hasPeer) continue;
      const options = { model: model.modelPath, contributions: false, oneRow: 200, repeats: 1 };
      const peer = await scoreInPython(model.directory, matrix, options);
      bulk.push(peer.bulk);
      oneRow.push(peer.oneRow);
    }
    const ratio = (times: readonly number[]) => (hasPeer ? median(times.map((time, i) => time / assay[i]!)) : null);
    return {
      trees: 300,
      fuzzedRows: rows,
      mismatches,
      microsecondsAssay: median(assay),
      microsecondsPythonBulk: hasPeer ? median(bulk) : null,
      microsecondsPythonOneRow: hasPeer ? median(oneRow) : null,
      bulkRatio: ratio(bulk),
      oneRowRatio: ratio(oneRow),
    };
  } finally {
    await model.close();
  }
}

async function countMismatches(model: BenchModel, matrix: BoosterMatrix): Promise<number> {
  const expected = await model.engine.margins(model.modelJson, matrix);
  let mismatches = 0;
  encodedRows(matrix).forEach((row, i) => {
    if (!Object.is(model.compiled.margin(row), expected[i])) mismatches++;
  });
  return mismatches;
}

const EDGES = [0, -0, 1e-45, -1e-45, 1e-40, 3.4028234663852886e38, -3.4028234663852886e38, 16777217];

/** Every third number becomes an edge of float32, or a split value of the model or its float32 neighbour. */
function withEdges(matrix: BoosterMatrix, modelJson: string): BoosterMatrix {
  const random = xorshift(51);
  const splits = [...modelJson.matchAll(/"split_conditions":\[([^\]]*)\]/g)].flatMap((match) =>
    match[1]!.split(',').map(Number),
  );
  const float = new Float32Array(1);
  const bits = new Int32Array(float.buffer);
  const values = matrix.values.map((value, i) => {
    if (matrix.featureTypes[i % matrix.columnCount] === 'c' || random() < 0.67) return value;
    if (random() < 0.2) return EDGES[Math.floor(random() * EDGES.length)]!;
    float[0] = splits[Math.floor(random() * splits.length)]!;
    bits[0] = bits[0]! + Math.floor(random() * 3) - 1;
    return Number.isFinite(float[0]) ? float[0]! : value;
  });
  return { ...matrix, values };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, rows: { type: 'string' } } });
  const result = await benchScoring({ rows: Number(values.rows ?? 100_000) });
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result);
}
