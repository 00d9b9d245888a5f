import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { BoosterMatrix } from '../contract.ts';
import type { MatrixFile } from './messages.ts';

/** Node reads and writes at most 2 GiB at once; stay well below. */
const CHUNK_BYTES = 1 << 28;

/** Writes values, then labels, then weights: little-endian 32-bit floats, nothing else. */
export async function writeMatrixFile(path: string, matrix: BoosterMatrix): Promise<MatrixFile> {
  const file = await open(path, 'w');
  try {
    for (const part of [matrix.values, matrix.labels, matrix.weights]) if (part) await writeAll(file, part);
  } finally {
    await file.close();
  }
  const { rowCount, columnCount, featureNames, featureTypes } = matrix;
  const [hasLabels, hasWeights] = [matrix.labels !== undefined, matrix.weights !== undefined];
  return { path, rowCount, columnCount, featureNames, featureTypes, hasLabels, hasWeights };
}

async function writeAll(file: Awaited<ReturnType<typeof open>>, values: Float32Array): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) await file.writeFile(bytes.subarray(at, at + CHUNK_BYTES));
}

/** Reads a matrix file back; synchronous, as the child has nothing else to do. */
export function readMatrixFile(file: MatrixFile): BoosterMatrix {
  const descriptor = openSync(file.path, 'r');
  try {
    const values = readFloats(descriptor, file.rowCount * file.columnCount);
    const labels = file.hasLabels ? { labels: readFloats(descriptor, file.rowCount) } : {};
    const weights = file.hasWeights ? { weights: readFloats(descriptor, file.rowCount) } : {};
    const { rowCount, columnCount, featureNames, featureTypes } = file;
    return { values, rowCount, columnCount, featureNames, featureTypes, ...labels, ...weights };
  } finally {
    closeSync(descriptor);
  }
}

function readFloats(descriptor: number, length: number): Float32Array {
  const values = new Float32Array(length);
  const bytes = new Uint8Array(values.buffer);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, Math.min(CHUNK_BYTES, bytes.length - at), null);
    if (read === 0) throw new Error(`the matrix file is cut short: ${at} of ${bytes.length} bytes`);
    at += read;
  }
  return values;
}
