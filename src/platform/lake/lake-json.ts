import { AssayError } from '../../domain/index.ts';
import type { Lake } from '../contract.ts';

/**
 * A JSON file that this program wrote into the lake.
 * @throws AssayError not_found; tampered, naming the file, when it is not whole
 */
export async function lakeJson<Value>(lake: Pick<Lake, 'get' | 'path'>, key: string): Promise<Value> {
  const text = Buffer.from(await lake.get(key)).toString('utf8');
  try {
    const value: Value = JSON.parse(text);
    return value;
  } catch (cause) {
    const where = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError(
      'tampered',
      {
        what: 'a file of the lake is damaged',
        given: `${lake.path(key)}, ${Buffer.byteLength(text)} bytes: ${where}`,
        fix: 'restore it from a backup, or run the pipeline from its first step: assay pipeline run --from PrepareSources',
      },
      { cause },
    );
  }
}
