import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { REPOSITORY_ROOT } from '../code-hash/index.ts';

/** Parquet files by view, then queries in order, each a view, then the one whose result is written as Parquet. */
export type SparkJob = {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly groups: readonly { readonly relation: string; readonly sql: string }[];
  readonly join: string;
  /** Folder to write; replaced. */
  readonly output: string;
};

export type SparkOptions = {
  /** A Python with pyspark 3.4 or newer. */
  readonly python: string;
  readonly signal?: AbortSignal;
};

const SCRIPT = join(REPOSITORY_ROOT, 'python/spark/features.py');
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const SHOWN_CHARS = 600;

/**
 * Runs a job on Spark, local to this machine, in a process of its own.
 * @throws AssayError unavailable without pyspark or Java, with the end of what Spark said; cancelled
 */
export async function runSparkJob(job: SparkJob, { python, signal }: SparkOptions): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'assay-spark-job-'));
  try {
    const path = join(scratch, 'job.json');
    await writeFile(path, JSON.stringify(job));
    await run(python, [SCRIPT, path], signal);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function run(python: string, args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const env = { ...process.env, PYSPARK_PYTHON: python };
  return new Promise((resolve, reject) => {
    execFile(python, args, { env, signal, maxBuffer: MAX_OUTPUT_BYTES }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal?.aborted) return reject(new AssayError('cancelled', { what: 'the Spark job was cancelled' }));
      reject(failed(python, stderr.trim() || error.message, error));
    });
  });
}

function failed(python: string, said: string, cause: Error): AssayError {
  return new AssayError(
    'unavailable',
    {
      what: 'Spark did not run the job',
      given: `${python}: …${said.slice(-SHOWN_CHARS)}`,
      fix: 'install pyspark 3.4 or newer and Java 17, and set ASSAY_SPARK_PYTHON to that Python',
    },
    { cause },
  );
}
