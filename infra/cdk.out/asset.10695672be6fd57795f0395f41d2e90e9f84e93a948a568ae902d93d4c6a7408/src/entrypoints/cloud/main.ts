import { AssayError } from '../../domain/index.ts';
import { loadConfig, reportTask } from '../../platform/index.ts';
import { runCloudStep } from './run-cloud-step.ts';

/**
 * A state of the pipeline as a container task: ASSAY_STEP is the event as JSON, ASSAY_TASK_TOKEN the token of the waiting state,
 * which is told the outcome. Without a token the output is printed.
 */

const { env } = process;
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => stop.abort(new AssayError('unavailable', { what: `stopped by ${name}` })));
}

function eventOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

const token = env['ASSAY_TASK_TOKEN'];
try {
  const config = loadConfig(env, process.cwd());
  const context = { config, clock: { now: () => new Date() }, signal: stop.signal };
  const output = await runCloudStep(eventOf(env['ASSAY_STEP']), context);
  if (token === undefined) process.stdout.write(`${JSON.stringify(output)}\n`);
  else await reportTask(token, { kind: 'succeeded', output });
} catch (error) {
  const cause = error instanceof Error ? error.message : String(error);
  const name = error instanceof AssayError ? `Assay.${error.code}` : 'Assay.internal';
  process.stderr.write(`assay: ${cause}\n`);
  if (token !== undefined) await reportTask(token, { kind: 'failed', error: name, cause });
  process.exitCode = 1;
}
