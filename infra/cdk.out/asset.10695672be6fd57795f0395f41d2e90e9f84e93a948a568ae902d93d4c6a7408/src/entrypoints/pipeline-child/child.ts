/**
 * Runs the pipeline of one book and ends. A process of its own, because training computes for seconds at a time: the server
 * that started it answers meanwhile, and neither takes the other down but for one case: without its parent it is killed.
 */
import { AssayError } from '../../domain/index.ts';
import type { PipelineEvent } from '../../pipeline/index.ts';
import { dieWithParent, loadConfig } from '../../platform/index.ts';
import { clockOf } from '../clock.ts';
import { bookPipeline } from '../run-book.ts';
import { openSystem } from '../system.ts';
import type { ChildMessage, ParentMessage, RunOrder } from './messages.ts';

/** Progress of one step is told at most this often. */
const PROGRESS_EVERY_MS = 100;

const clock = clockOf(process.env);
const cancelled = new AbortController();

function cancel(what: string): void {
  cancelled.abort(new AssayError('cancelled', { what }));
}

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

function tellEvents(): (event: PipelineEvent) => void {
  const toldMs = new Map<string, number>();
  return (event) => {
    const key = `${event.step}/${event.item}`;
    const nowMs = clock.now().getTime();
    if (event.status === 'running' && nowMs - (toldMs.get(key) ?? 0) < PROGRESS_EVERY_MS) return;
    toldMs.set(key, nowMs);
    void send({ kind: 'event', event });
  };
}

async function run({ options, trigger, from }: RunOrder): Promise<void> {
  const config = loadConfig(process.env, process.cwd());
  const system = await openSystem({ config, portfolio: options.portfolio, clock });
  try {
    const { runId } = await bookPipeline(system, options, clock).run({
      trigger,
      signal: cancelled.signal,
      ...(from !== undefined && { from }),
      onStart: (started) => void send({ kind: 'started', runId: started }),
      onEvent: tellEvents(),
    });
    await send({ kind: 'done', runId });
  } finally {
    await system.close();
  }
}

function failureOf(error: unknown): ChildMessage {
  if (error instanceof AssayError) return { kind: 'failed', code: error.code, parts: error.parts };
  return { kind: 'failed', code: 'internal', parts: { what: error instanceof Error ? error.message : String(error) } };
}

async function carryOut(order: RunOrder): Promise<void> {
  await run(order).catch((error: unknown) => send(failureOf(error)));
  process.disconnect();
}

dieWithParent();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel(`stopped by ${signal}`));
process.on('message', (message: ParentMessage) => {
  if (message.kind === 'cancel') cancel(message.what);
  else void carryOut(message);
});
