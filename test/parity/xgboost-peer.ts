/** What the parity test and the benches share: data, and Python's XGBoost run on it (`python/reference/`). */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BoosterMatrix } from '../../src/platform/index.ts';

const run = promisify(execFile);

/** The Python that has XGBoost: ASSAY_PYTHON, else python3 on PATH. */
const PYTHON = process.env['ASSAY_PYTHON'] ?? 'python3';

/** The version of XGBoost that Python has, or why it cannot be used. */
export async function pythonXgboost(): Promise<{ version: string } | { reason: string }> {
  try {
    const { stdout } = await run(PYTHON, ['-c', 'import numpy, xgboost; print(xgboost.__version__)']);
    return { version: stdout.trim() };
  } catch {
    return { reason: `"${PYTHON}" has no numpy and xgboost; set ASSAY_PYTHON to one that has` };
  }
}

export type PeerTraining = {
  readonly matrix: BoosterMatrix & { readonly labels: Float32Array };
  readonly parameters: Readonly<Record<string, string>>;
  readonly rounds: number;
};

export type PeerFiles = { readonly model: string; readonly margins: string; readonly contributions: string };

/** Trains in Python; files land in `directory`. Seconds include making the native matrix and writing the model as JSON. */
export async function trainInPython(
  directory: string,
  training: PeerTraining,
  predict = false,
): Promise<PeerFiles & { readonly seconds: number }> {
  const { matrix, parameters, rounds } = training;
  const file = (name: string) => join(directory, name);
  await writeFile(file('matrix.f32'), matrix.values);
  await writeFile(file('labels.f32'), matrix.labels);
  const files = { model: file('python.json'), margins: file('margins.f32'), contributions: file('contributions.f32') };
  const request = {
    ...shapeOf(file('matrix.f32'), matrix),
    labels: file('labels.f32'),
    parameters,
    rounds,
    model: files.model,
    ...(predict && { margins: files.margins, contributions: files.contributions }),
  };
  const answer: { seconds: number[] } = await python('train.py', file('train-request.json'), request);
  return { ...files, seconds: answer.seconds[0] ?? Number.NaN };
}

export type PeerScoring = {
  readonly bulk: number;
  readonly oneRow: number;
};

/** Scores `directory`/model.json on a matrix in Python: median microseconds a row, all at once and one by one. */
export async function scoreInPython(
  directory: string,
  matrix: BoosterMatrix,
  options: {
    readonly model: string;
    readonly contributions: boolean;
    readonly oneRow: number;
    readonly repeats: number;
  },
): Promise<PeerScoring> {
  const path = join(directory, 'score.f32');
  await writeFile(path, matrix.values);
  const request = { ...shapeOf(path, matrix), nthread: 1, ...options };
  return python('margins.py', join(directory, 'score-request.json'), request);
}

function shapeOf(path: string, matrix: BoosterMatrix) {
  const { rowCount, columnCount, featureNames, featureTypes } = matrix;
  return { matrix: path, rows: rowCount, columns: columnCount, featureNames, featureTypes };
}

async function python<Answer>(script: string, requestPath: string, request: unknown): Promise<Answer> {
  await writeFile(requestPath, JSON.stringify(request));
  const path = join(import.meta.dirname, '../../python/reference', script);
  const { stdout } = await run(PYTHON, [path, requestPath], { maxBuffer: 1 << 24 });
  return JSON.parse(stdout);
}

/** A table shaped like credit data: thirty columns on different scales, two categorical, a twentieth missing, a tenth defaulted. */
export function syntheticBook(rowCount: number, seed: number): BoosterMatrix & { readonly labels: Float32Array } {
  const columnCount = 30;
  const random = xorshift(seed);
  const values = new Float32Array(rowCount * columnCount);
  const labels = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let z = -2.6;
    for (let c = 0; c < columnCount; c++) {
      const bell = random() + random() + random() - 1.5;
      const isCategory = c >= columnCount - CATEGORIES.length;
      const x = isCategory ? Math.floor(random() * CATEGORIES[columnCount - 1 - c]!) : bell * 10 ** (c % 5);
      if (c < 12) z += Math.sin(bell * (c + 1)) * 0.5;
      if (isCategory) z += ((x * 7) % 5) * 0.1;
      values[row * columnCount + c] = random() < 0.05 ? Number.NaN : x;
    }
    labels[row] = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
  }
  const featureNames = Array.from({ length: columnCount }, (_, c) => `feature_${c}`);
  const featureTypes = featureNames.map((_, c) =>
    c >= columnCount - CATEGORIES.length ? ('c' as const) : ('q' as const),
  );
  return { values, rowCount, columnCount, featureNames, featureTypes, labels };
}

/** Levels of the last columns, from the last. */
export const CATEGORIES = [6, 40];

/** Uniform numbers in [0, 1) from a seed. */
export function xorshift(seed: number): () => number {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
