/**
 * Five times what the door can take, for a while: who is not taken must be told to wait (429 or 503 with Retry-After), who is taken
 * must be answered soon, memory must stay, and nothing that was accepted may be missing afterwards.
 *
 *   node bench/ingest-overload.ts [--seconds 60] [--json]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PASSWORD } from '../test/flow/support/tiny-server.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, json: { type: 'boolean' } } });
const seconds = Number(values.seconds);
const EVENTS_PER_CALL = 100;
const CONNECTIONS_AT_CAPACITY = 8;
const TIMES = 5;
const MAX_SOCKETS = 256;

const child = fork(fileURLToPath(new URL('./events/http-process.ts', import.meta.url)), [], { execArgv: [] });
const [{ url }] = (await once(child, 'message')) as [{ url: string }];
const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });

type Answer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
  /** Since a socket was free for it. */
  readonly sentMs: number;
};

function post(path: string, body: string, token?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const call = request(`${url}/api/v1${path}`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: text,
          sentMs: performance.now() - sentAt,
        }),
      );
    });
    let sentAt = 0;
    call.on('socket', () => {
      sentAt = performance.now();
    });
    call.on('error', reject);
    call.end(body);
  });
}

let next = 0;
function batch(): string {
  const events = Array.from({ length: EVENTS_PER_CALL }, () => ({
    source: 'table:loan_applications',
    payload: {
      application_id: `A${next}`,
      borrower_id: `B${next++ % 5_000}`,
      applied_at: '2024-05-01 10:00:00',
      amount_minor: 10_000,
      income_minor: 5_000,
    },
  }));
  return JSON.stringify(events);
}

type Tally = {
  accepted: number;
  taken: number;
  refused: number;
  withoutRetryAfter: number;
  other: number;
  /** Of those taken: with the wait for a socket in the client, and without. */
  ms: number[];
  sentMs: number[];
};
const tally = (): Tally => ({ accepted: 0, taken: 0, refused: 0, withoutRetryAfter: 0, other: 0, ms: [], sentMs: [] });

async function send(token: string, into: Tally): Promise<void> {
  const began = performance.now();
  const { status, retryAfter, body, sentMs } = await post('/events', batch(), token).catch(() => ({
    status: 0,
    retryAfter: undefined,
    body: '',
    sentMs: 0,
  }));
  if (status === 200) {
    into.taken++;
    into.accepted += JSON.parse(body).accepted;
    into.ms.push(performance.now() - began);
    into.sentMs.push(sentMs);
  } else if (status === 429 || status === 503) {
    into.refused++;
    if (retryAfter === undefined) into.withoutRetryAfter++;
  } else into.other++;
}

const p99 = (ms: number[]): number => Math.round(ms.sort((a, b) => a - b)[Math.floor(ms.length * 0.99)] ?? 0);

async function ask(): Promise<{ facts: number; backlog: number; residentBytes: number }> {
  child.send('count');
  const [answer] = await once(child, 'message');
  return answer;
}

const session = await post('/session', JSON.stringify({ username: 'engineer', password: PASSWORD }));
const token: string = JSON.parse(session.body).token;

const calm = tally();
const until = performance.now() + Math.min(30, seconds) * 1000;
await Promise.all(
  Array.from({ length: CONNECTIONS_AT_CAPACITY }, async () => {
    while (performance.now() < until) await send(token, calm);
  }),
);
const callsPerSecond = calm.taken / Math.min(30, seconds);
const before = await ask();

const storm = tally();
const open = new Set<Promise<void>>();
const began = performance.now();
let memory = before.residentBytes;
for (let sent = 0; performance.now() - began < seconds * 1000; ) {
  const due = Math.floor(((performance.now() - began) / 1000) * callsPerSecond * TIMES);
  for (; sent < due; sent++) {
    // a client has so many sockets: what finds none waits in the client, as in a real one
    if (open.size >= MAX_SOCKETS * 2) continue;
    const call = send(token, storm).finally(() => open.delete(call));
    open.add(call);
  }
  await pause(5);
}
await Promise.all(open);
memory = Math.max(memory, (await ask()).residentBytes);
let after = await ask();
for (let i = 0; i < 600 && after.backlog > 0; i++) {
  await pause(200);
  after = await ask();
}
const accepted = calm.accepted + storm.accepted;
const figures = {
  capacityEventsPerSecond: Math.round(callsPerSecond * EVENTS_PER_CALL),
  calmP99Ms: p99(calm.ms),
  stormCalls: storm.taken + storm.refused + storm.other,
  stormTaken: storm.taken,
  stormRefused: storm.refused,
  refusedWithoutRetryAfter: storm.withoutRetryAfter,
  otherAnswers: storm.other,
  stormP99Ms: p99(storm.ms),
  calmP99SentMs: p99(calm.sentMs),
  stormP99SentMs: p99(storm.sentMs),
  memoryRatio: Math.round((memory / before.residentBytes) * 100) / 100,
  accepted,
  facts: after.facts,
  missing: accepted - after.facts,
};
console.log(JSON.stringify(figures, null, values.json ? 0 : 2));
child.send('stop');
await once(child, 'exit');
agent.destroy();
process.exitCode = figures.missing === 0 && figures.refusedWithoutRetryAfter === 0 ? 0 : 1;
