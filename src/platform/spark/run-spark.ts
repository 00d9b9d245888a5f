import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { REPOSITORY_ROOT } from '../code-hash/index.ts';

export type SparkOptions = {
  /** A Python with pyspark 3.4 or newer. */
  readonly python: string;
  /** Cores of the local mode. Default 1. */
  readonly threads?: number;
  /** Memory of the one process of the local mode. Default: Spark's own, 1g. */
  readonly memory?: string;
  /** Partitions of a shuffle. Default: two a core. */
  readonly partitions?: number;
  /** Folder for Spark's event log; must exist. Default: no log. */
  readonly eventLogDirectory?: string;
  readonly signal?: AbortSignal;
};

/** Scripts of `python/spark/`; the same files run on Glue. */
export type SparkScript = 'features.py' | 'score.py';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const SHOWN_CHARS = 600;

/**
 * Runs a job of features on Spark, local to this machine, in a process of its own.
 * @param job what `features.py` reads
 * @throws AssayError unavailable without pyspark or Java, with the end of what Spark said; cancelled
 */
export async function runSparkJob(job: object, options: SparkOptions): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'assay-spark-job-'));
  try {
    const path = join(scratch, 'job.json');
    await writeFile(path, JSON.stringify(job));
    await runSparkScript('features.py', ['--job_uri', path], options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Runs a script of `python/spark/` as `runSparkJob` does.
 * @throws AssayError as `runSparkJob`
 */
export function runSparkScript(script: SparkScript, args: readonly string[], options: SparkOptions): Promise<void> {
  const { python, signal } = options;
  const env = { ...process.env, PYSPARK_PYTHON: python, PYSPARK_SUBMIT_ARGS: localMode(options) };
  const command = [join(REPOSITORY_ROOT, 'python/spark', script), ...args];
  return new Promise((resolve, reject) => {
    execFile(python, command, { env, signal, maxBuffer: MAX_OUTPUT_BYTES }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal?.aborted) return reject(new AssayError('cancelled', { what: 'the Spark job was cancelled' }));
      reject(failed(python, stderr.trim() || error.message, error));
    });
  });
}

/** No user interface, nothing on the network but loopback. */
function localMode({ threads = 1, memory, partitions = threads * 2, eventLogDirectory }: SparkOptions): string {
  const settings = {
    'spark.ui.enabled': 'false',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.host': '127.0.0.1',
    'spark.sql.shuffle.partitions': String(partitions),
    ...(eventLogDirectory && { 'spark.eventLog.enabled': 'true', 'spark.eventLog.dir': `file://${eventLogDirectory}` }),
  };
  return [
    `--master local[${threads}]`,
    ...(memory === undefined ? [] : [`--driver-memory ${memory}`]),
    ...Object.entries(settings).map(([name, value]) => `--conf ${name}=${value}`),
    'pyspark-shell',
  ].join(' ');
}

function failed(python: string, said: string, cause: Error): AssayError {
  return new AssayError(
    'unavailable',
    {
      what: 'Spark did not run the job',
      given: `${python}: …${said.slice(-SHOWN_CHARS)}`,
      fix: 'install python/spark/requirements.txt and Java 17, and set ASSAY_SPARK_PYTHON to that Python',
    },
    { cause },
  );
}
