/**
 * The disk runs full while events come in and decisions are made, and while a book is trained: what is refused is told to come
 * again, nothing acknowledged is lost, reads go on, and all of it recovers by itself once there is room (R6). Three rounds: up to
 * the reserve, where the door closes; to the last byte, where PostgreSQL may end; a run of the pipeline that does not fit.
 * Needs Linux and root, to mount a small file system in memory; says so and ends well where it cannot.
 * node bench/disk-full.ts [--round reserve,last-byte,training] [--mib 400] [--json]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signedInSchema } from '../src/api/index.ts';
import { runWorker } from '../src/entrypoints/stream-worker/index.ts';
import { noFaults, openBookEvents } from '../src/ingestion/index.ts';
import { createLog, REPOSITORY_ROOT, systemClock } from '../src/platform/index.ts';
import { tinyPortfolio } from '../test/flow/support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../test/flow/support/tiny-server.ts';

const ROUNDS = { reserve, 'last-byte': lastByte, training } as const;
const { values } = parseArgs({
  options: {
    round: { type: 'string', default: Object.keys(ROUNDS).join(',') },
    mib: { type: 'string', default: '400' },
    json: { type: 'boolean' },
  },
});
const MIB = 2 ** 20;
const FULL_MS = 15_000;
const RECOVERY_MS = 120_000;

type Figures = Readonly<Record<string, number | string | boolean>>;
type Answer = { readonly status: number; readonly retryAfter: string | null; readonly text: string };
type Side = { sent: number; acknowledged: string[]; refused: number; wrong: string[] };

/** A file that takes all but `leftMib` of the disk. */
async function ballast(mount: string, leftMib: number): Promise<string> {
  const path = join(mount, 'ballast');
  const file = await open(path, 'a');
  const chunk = Buffer.alloc(MIB / 4);
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(mount);
      if (bavail * bsize <= leftMib * MIB) return path;
      await file.write(chunk);
    }
  } catch {
    return path;
  } finally {
    await file.close();
  }
}

class Load {
  readonly events: Side = { sent: 0, acknowledged: [], refused: 0, wrong: [] };
  readonly decisions: Side = { sent: 0, acknowledged: [], refused: 0, wrong: [] };
  readonly #server: TinyServer;
  readonly #tokens = new Map<string, string>();

  constructor(server: TinyServer) {
    this.#server = server;
  }

  async signIn(): Promise<void> {
    for (const username of ['engineer', 'underwriter']) {
      const { text } = await this.call('/session', username, { username, password: PASSWORD });
      this.#tokens.set(username, signedInSchema.parse(JSON.parse(text)).token);
    }
  }

  async call(path: string, user: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.#server.url}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#tokens.get(user)}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() };
  }

  /** One batch of events and one application. */
  async send(): Promise<boolean> {
    const id = `E${this.events.sent++}`;
    const events = await this.call('/events', 'engineer', eventsOf(id));
    this.#judge(this.events, takenWhole(events), () => id);
    this.decisions.sent++;
    const attributes = { income_minor: 300_000, arrears: 0, purpose: 'car' };
    const application = { borrowerId: 'B1', amountMinor: 100_000, attributes };
    const decision = await this.call('/applications', 'underwriter', application);
    this.#judge(this.decisions, decision, () => JSON.parse(decision.text).decisionId);
    return events.status === 200 && decision.status === 201;
  }

  #judge(side: Side, { status, retryAfter, text }: Answer, idOf: () => string): void {
    if (status === 200 || status === 201) side.acknowledged.push(idOf());
    else if ((status === 503 || status === 507) && retryAfter !== null) side.refused++;
    else side.wrong.push(`${status} ${text.slice(0, 200)}`);
  }

  /** Acknowledged ones that are not there: an event that is sent again must be a duplicate, a decision must be found. */
  async lost(): Promise<{ events: number; decisions: number }> {
    let [events, decisions] = [0, 0];
    for (const id of this.events.acknowledged) {
      const again = JSON.parse((await this.call('/events', 'engineer', eventsOf(id))).text);
      if (again.duplicates !== EVENTS_A_BATCH) events++;
    }
    for (const id of this.decisions.acknowledged) {
      const found = await this.call(`/decisions/${id}/replay`, 'underwriter');
      if (found.status !== 200 || JSON.parse(found.text).identical !== true) decisions++;
    }
    return { events, decisions };
  }
}

/** A batch of which some events were refused is no answer this bench expects. */
function takenWhole(answer: Answer): Answer {
  const isWhole = answer.status !== 200 || JSON.parse(answer.text).accepted === EVENTS_A_BATCH;
  return isWhole ? answer : { ...answer, status: 422 };
}

const EVENTS_A_BATCH = 500;
/** Keys have at most 200 characters. */
const PAD = 'x'.repeat(150);
const eventsOf = (id: string): unknown[] =>
  Array.from({ length: EVENTS_A_BATCH }, (_, i) => ({
    source: 'table:loan_applications',
    eventId: `${id}-${i}`,
    payload: {
      application_id: `${id}-${i}-${PAD}`,
      borrower_id: `B${i}`,
      applied_at: '2025-01-01T00:00:00Z',
      amount_minor: 1,
      income_minor: 1,
    },
  }));

/** Waits until both kinds are taken again; how long that took. */
async function recovered(load: Load): Promise<number> {
  const began = performance.now();
  while (!(await load.send().catch(() => false))) {
    if (performance.now() - began > RECOVERY_MS) throw new Error('it did not recover');
    await pause(200);
  }
  return Math.round((performance.now() - began) / 100) / 10;
}

async function underLoad(mount: string, leftMib: number): Promise<Figures> {
  const server = await startTinyServer({ databasePort: 0 });
  const { database, listen, lake } = server;
  const log = createLog({ logLevel: 'silent' });
  const events = await openBookEvents({ database, portfolio: tinyPortfolio, clock: systemClock });
  const stop = new AbortController();
  const parts = { database, listen, lake, portfolio: tinyPortfolio, events, clock: systemClock, log, fault: noFaults };
  const working = runWorker(parts, stop.signal);
  const load = new Load(server);
  try {
    await load.signIn();
    for (let i = 0; i < 20; i++) await load.send();
    const known = load.decisions.acknowledged[0]!;
    await ballast(mount, leftMib);
    const until = performance.now() + FULL_MS;
    let [reads, readsAnswered, readsUnavailable] = [0, 0, 0];
    while (performance.now() < until) {
      await load.send();
      reads++;
      const { status } = await load.call(`/decisions/${known}`, 'underwriter');
      if (status === 200) readsAnswered++;
      else if (status === 503) readsUnavailable++;
      if (leftMib < 1) await ballast(mount, leftMib);
      await pause(20);
    }
    const refused = load.events.refused + load.decisions.refused;
    await rm(join(mount, 'ballast'));
    const recoverySeconds = await recovered(load);
    for (let i = 0; (await events.backlog()) > 0 && i < 600; i++) await pause(100);
    const lost = await load.lost();
    return {
      acknowledged: `${load.events.acknowledged.length} batches of events, ${load.decisions.acknowledged.length} decisions`,
      refusedWhileFull: refused,
      otherAnswers: load.events.wrong.length + load.decisions.wrong.length,
      firstOther: [...load.events.wrong, ...load.decisions.wrong][0] ?? '',
      reads,
      readsAnswered,
      readsUnavailable,
      recoverySeconds,
      lostEvents: lost.events,
      lostDecisions: lost.decisions,
      backlogAfter: await events.backlog(),
      ok: refused > 0 && lost.events + lost.decisions + load.events.wrong.length + load.decisions.wrong.length === 0,
    };
  } finally {
    stop.abort();
    await working.catch(() => {});
    await server.stop();
  }
}

function reserve(mount: string): Promise<Figures> {
  delete process.env['ASSAY_DISK_RESERVE_MIB'];
  return underLoad(mount, 100);
}

function lastByte(mount: string): Promise<Figures> {
  process.env['ASSAY_DISK_RESERVE_MIB'] = '0';
  return underLoad(mount, 0);
}

/** A run that trains on a full disk ends with words and leaves the champion that was there; with room it goes on. */
async function training(mount: string): Promise<Figures> {
  process.env['ASSAY_DISK_RESERVE_MIB'] = '0';
  const env = { ...process.env, ASSAY_HOME: join(mount, 'home'), TMPDIR: mount };
  const assay = async (...words: string[]) => {
    const child = spawn(process.execPath, [join(REPOSITORY_ROOT, 'bin/assay.js'), ...words], { env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    const [code] = await once(child, 'exit');
    return { code: Number(code), said: said.trim() };
  };
  execFileSync('mount', ['-o', 'remount,size=1g', mount]);
  const first = await assay('up', '--once', '--borrowers', '800');
  const before = await assay('models', 'list', '--json');
  await ballast(mount, 0);
  const full = await assay('pipeline', 'run', '--from', 'BuildSnapshot');
  await rm(join(mount, 'ballast'));
  const after = await assay('models', 'list', '--json');
  const room = await assay('pipeline', 'run', '--from', 'BuildSnapshot');
  return {
    ...{
      exitAtFirst: first.code,
      exitWhenFull: full.code,
      saidWhenFull: full.said.split('\n').at(-1)?.slice(0, 300) ?? '',
    },
    ...{ sameModels: before.said === after.said && before.code === 0, exitWithRoom: room.code },
    ok: first.code === 0 && full.code === 1 && room.code === 0 && before.said === after.said,
  };
}

function mounted(): string | undefined {
  const mount = mkdtempSync(join(tmpdir(), 'assay-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${values.mib}m,mode=755`, 'tmpfs', mount], { stdio: 'ignore' });
    return mount;
  } catch {
    rmSync(mount, { recursive: true });
    return undefined;
  }
}

const system = process.env['TMPDIR'];
for (const name of values.round.split(',')) {
  const round = ROUNDS[name as keyof typeof ROUNDS];
  if (!round) throw new Error(`no round "${name}": ${Object.keys(ROUNDS).join(', ')}`);
  const mount = mounted();
  if (mount === undefined) {
    console.log('skipped: this user may not mount a file system (root on Linux may)');
    break;
  }
  process.env['TMPDIR'] = mount;
  try {
    const figures = await round(mount);
    console.log(
      values.json ? JSON.stringify({ round: name, ...figures }) : `${name} ${JSON.stringify(figures, null, 2)}`,
    );
    if (figures['ok'] !== true) process.exitCode = 1;
  } finally {
    if (system === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = system;
    execFileSync('umount', ['-l', mount]);
    rmSync(mount, { recursive: true, force: true });
  }
}
