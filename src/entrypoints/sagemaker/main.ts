import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { configFromSecrets, loadConfig } from '../../platform/index.ts';
import { layoutAt } from './layout.ts';
import { openModelDirectory, type Trust } from './open-model.ts';
import { serveModel } from './serve.ts';
import { trainModel } from './train.ts';

/** The container's program: SageMaker runs the image with `train` or `serve`. */

const DEFAULT_ROOT = '/opt/ml';
/** SageMaker connects from outside the container. */
const DEFAULT_HOST = '0.0.0.0';
const DEFAULT_PORT = 8080;
/** What `DescribeTrainingJob` shows of a failure. */
const MAX_FAILURE_CHARS = 1024;

const { env } = process;
const layout = layoutAt(env['ASSAY_SAGEMAKER_ROOT'] ?? DEFAULT_ROOT);
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => stop.abort(new AssayError('cancelled', { what: `stopped by ${name}` })));
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const printError = (text: string): void => void process.stderr.write(`${text}\n`);

function trustOf(): Trust {
  const ids = (env['ASSAY_TRUSTED_KEY_IDS'] ?? '').split(',').map((id) => id.trim());
  return { keyIds: ids.filter((id) => id !== ''), allowUnsigned: env['ASSAY_UNSIGNED_MODELS'] === 'allow' };
}

async function serve(): Promise<void> {
  const model = await openModelDirectory(layout.model, trustOf());
  const host = env['HOST'] ?? DEFAULT_HOST;
  const port = Number(env['PORT'] ?? DEFAULT_PORT);
  const app = await serveModel({ model, host, port, logError: printError });
  print(`assay: serving ${model.modelVersion} at ${app.listeningOrigin}`);
  await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
  // Requests under way are answered; SageMaker sends SIGKILL thirty seconds later.
  await app.close();
}

async function train(): Promise<void> {
  const config = await configFromSecrets(loadConfig(env, process.cwd()));
  const clock = { now: () => new Date() };
  const modelVersion = await trainModel({ layout, config, clock, signal: stop.signal, print });
  print(`assay: trained ${modelVersion}`);
}

/** SageMaker reads why a training failed from a file. */
async function reportFailure(error: unknown): Promise<void> {
  const text = error instanceof Error ? error.message : String(error);
  printError(`assay: ${text}`);
  await mkdir(dirname(layout.failure), { recursive: true });
  await writeFile(layout.failure, text.slice(0, MAX_FAILURE_CHARS));
}

const [command] = process.argv.slice(2);
try {
  if (command === 'serve') await serve();
  else if (command === 'train') await train();
  else
    throw new AssayError('bad_input', {
      what: 'the container does not know what to do',
      given: command ?? 'nothing',
      allowed: 'train, serve',
    });
} catch (error) {
  if (command === 'train') await reportFailure(error);
  else printError(`assay: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
