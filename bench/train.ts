/**
 * Training: Assay's engine beside Python's XGBoost, same library version, data and parameters, alternating in one run; and
 * whether both wrote the same bytes. Time runs from the matrix in memory to the model as JSON, the child process, its
 * files and the native matrix included; Python's includes the native matrix, not its start.
 * Run: ASSAY_PYTHON=… node bench/train.ts [--rows 200000] [--trees 300] [--rounds 3] [--json]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findXgboost, loadConfig, openXgboostEngine } from '../src/platform/index.ts';
import { pythonXgboost, syntheticBook, trainInPython } from '../test/parity/xgboost-peer.ts';

export type TrainBench = {
  readonly rows: number;
  readonly columns: number;
  readonly trees: number;
  readonly version: string;
  readonly secondsAssay: number;
  readonly secondsPython: number;
  /** Median of the rounds' ratios, Assay over Python. */
  readonly ratio: number;
  readonly modelBytes: number;
  readonly sameBytes: boolean;
};

export type TrainBenchOptions = { readonly rows?: number; readonly trees?: number; readonly rounds?: number };

export async function benchTrain({
  rows = 200_000,
  trees = 300,
  rounds = 3,
}: TrainBenchOptions = {}): Promise<TrainBench> {
  const peer = await pythonXgboost();
  if ('reason' in peer) throw new Error(peer.reason);
  const libraryPath = await findXgboost(loadConfig(process.env, process.cwd()));
  if (libraryPath === undefined) throw new Error('libxgboost is not installed');
  const scratch = await mkdtemp(join(tmpdir(), 'assay-bench-train-'));
  const engine = await openXgboostEngine({ libraryPath, nthread: 1, scratchDirectory: scratch });
  try {
    const matrix = syntheticBook(rows, 11);
    const parameters = {
      objective: 'binary:logistic',
      tree_method: 'hist',
      max_depth: '6',
      eta: '0.1',
      seed: '1',
      nthread: '1',
    };
    const times: { assay: number; python: number }[] = [];
    let sameBytes = true;
    let modelBytes = 0;
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const ours = await engine.train({ train: matrix, parameters, rounds: trees });
      const assay = (performance.now() - started) / 1000;
      const theirs = await trainInPython(scratch, { matrix, parameters, rounds: trees });
      times.push({ assay, python: theirs.seconds });
      const bytes = await readFile(theirs.model, 'utf8');
      modelBytes = bytes.length;
      sameBytes &&= bytes === ours.modelJson;
    }
    return {
      rows,
      columns: matrix.columnCount,
      trees,
      version: engine.version,
      secondsAssay: median(times.map((time) => time.assay)),
      secondsPython: median(times.map((time) => time.python)),
      ratio: median(times.map((time) => time.assay / time.python)),
      modelBytes,
      sameBytes,
    };
  } finally {
    await engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      rows: { type: 'string' },
      trees: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const result = await benchTrain({
    rows: Number(values.rows ?? 200_000),
    trees: Number(values.trees ?? 300),
    rounds: Number(values.rounds ?? 3),
  });
  if (values.json) console.log(JSON.stringify(result));
  else console.table(result);
}
