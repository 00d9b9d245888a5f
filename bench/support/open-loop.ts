/** Requests at a fixed rate, whatever the server does: latency counts from when a request was due, so that waiting shows. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Sent = {
  readonly dueMs: number;
  readonly latencyMs: number;
  /** 0: no answer. */
  readonly status: number;
  readonly body: string;
  readonly attempts: number;
};

export type Post = { readonly url: string; readonly body: string; readonly headers: Readonly<Record<string, string>> };

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const TIMEOUT_MS = 20_000;

/** One attempt; a broken connection is status 0. `fresh`: on a connection of its own. */
export function post({ url, body, headers }: Post, fresh = false): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const sent = request(
      url,
      {
        method: 'POST',
        agent: fresh ? false : agent,
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', () => resolve({ status: 0, body: '' }));
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve({ status: 0, body: '' }));
    sent.end(body);
  });
}

/** Sends `postOf(i)` at the rate for so long; what failed is sent again at most `retries` times. */
export async function openLoop(options: {
  readonly perSecond: number;
  readonly seconds: number;
  readonly retries: number;
  readonly postOf: (i: number) => Post;
}): Promise<Sent[]> {
  const count = options.perSecond * options.seconds;
  const began = performance.now();
  const all: Promise<Sent>[] = [];
  for (let i = 0; i < count; i++) {
    const dueMs = began + (i * 1000) / options.perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    all.push(sendFrom(options.postOf(i), dueMs, options.retries));
  }
  return Promise.all(all);
}

async function sendFrom(what: Post, dueMs: number, retries: number): Promise<Sent> {
  for (let attempts = 1; ; attempts++) {
    const answer = await post(what, attempts > 1);
    const isFinal = answer.status !== 0 && answer.status < 500 && answer.status !== 409 && answer.status !== 429;
    if (isFinal || attempts > retries) return { ...answer, dueMs, latencyMs: performance.now() - dueMs, attempts };
    // as Retry-After asks of a patient client; after a connection that broke a new one is opened at once, as any client does:
    // the others of the agent may have broken with it
    if (answer.status !== 0) await sleep(100);
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
