/** The model both scoring benches use: 300 trees of depth 6 on the synthetic book, and rows it has not seen. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputColumn } from '../src/domain/index.ts';
import { type CompiledEstimator, compileTrees } from '../src/estimators/index.ts';
import {
  type BoosterMatrix,
  findXgboost,
  loadConfig,
  openXgboostEngine,
  type XgboostEngine,
} from '../src/platform/index.ts';
import { CATEGORIES, syntheticBook } from '../test/parity/xgboost-peer.ts';

export type BenchModel = {
  readonly engine: XgboostEngine;
  readonly modelJson: string;
  readonly compiled: CompiledEstimator;
  /** Scratch folder; the model lies in `model.json`. */
  readonly directory: string;
  readonly modelPath: string;
  close(): Promise<void>;
};

export async function openBenchModel(trees = 300): Promise<BenchModel> {
  const libraryPath = await findXgboost(loadConfig(process.env, process.cwd()));
  if (libraryPath === undefined) throw new Error('libxgboost is not installed');
  const directory = await mkdtemp(join(tmpdir(), 'assay-bench-scoring-'));
  const engine = await openXgboostEngine({ libraryPath, nthread: 1, scratchDirectory: directory });
  const train = syntheticBook(20_000, 21);
  const parameters = {
    objective: 'binary:logistic',
    tree_method: 'hist',
    max_depth: '6',
    eta: '0.1',
    base_score: '0.125',
    seed: '1',
    nthread: '1',
  };
  const { modelJson } = await engine.train({ train, parameters, rounds: trees });
  const modelPath = join(directory, 'model.json');
  await writeFile(modelPath, modelJson);
  const inputs: InputColumn[] = train.featureNames.map((name, c) => {
    const count = CATEGORIES[train.columnCount - 1 - c];
    if (count === undefined) return { kind: 'numeric', name };
    return { kind: 'categorical', name, levels: Array.from({ length: count }, (_, k) => String(k)) };
  });
  return {
    engine,
    modelJson,
    compiled: compileTrees({ kind: 'trees', estimator: 'boosted', inputs, modelJson, rounds: trees }),
    directory,
    modelPath,
    async close() {
      await engine.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function encodedRows(matrix: BoosterMatrix): Float64Array[] {
  const { columnCount, values } = matrix;
  return Array.from({ length: matrix.rowCount }, (_, row) =>
    Float64Array.from(values.subarray(row * columnCount, (row + 1) * columnCount)),
  );
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Median over `rounds` of the microseconds a row that `work` takes on all rows. */
export function microsecondsARow(
  rows: readonly Float64Array[],
  rounds: number,
  work: (row: Float64Array) => void,
): number {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now();
    for (const row of rows) work(row);
    // The first round only warms up.
    if (round > 0) times.push(((performance.now() - started) * 1000) / rows.length);
  }
  return median(times);
}
