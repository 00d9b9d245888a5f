/**
 * Half load for half an hour (exam R20): decisions with reasons and durable record, at half the rate of the other checks, on a pool
 * of workers. Of each process (this one, which is primary and client; each worker; PostgreSQL as a whole) it prints memory and open
 * descriptors, and how they go, after a warm-up; it ends with 1 when memory climbs by more than a megabyte a minute, when descriptors
 * do not stay, or when a request failed. Memory is what a process holds for itself: pages of files and PostgreSQL's shared buffers,
 * which fill once and stay, are left out. It makes its own home and needs nothing.
 * Run: node bench/soak.ts [--minutes 30] [--warm-up 5] [--rate 100] [--workers 2] [--json]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type FlatPool, startFlatPool } from './support/flat-pool.ts';
import { post } from './support/open-loop.ts';
import { slopeOf } from './support/slope.ts';

/** Megabytes a minute. */
const MAX_SLOPE = 1;
/** Connections open and close; a backend of PostgreSQL keeps the files of every table that it has met, so there it is a share. */
const [MAX_MORE_DESCRIPTORS, MAX_MORE_SHARE] = [8, 0.1];
const SAMPLE_MS = 5_000;

type Sample = { readonly minutes: number; readonly memoryMb: number; readonly descriptors: number };
type Samples = Map<string, Sample[]>;

export type SoakRow = {
  readonly process: string;
  readonly samples: number;
  readonly firstMb: number;
  readonly lastMb: number;
  readonly mbPerMinute: number;
  readonly firstDescriptors: number;
  readonly lastDescriptors: number;
  readonly holds: boolean;
};

/** At a fixed rate, keeping nothing of the answers. */
async function load(flat: FlatPool, perSecond: number, untilMs: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const underWay = new Set<Promise<void>>();
  const send = async (i: number): Promise<void> => {
    const { status } = await post({
      url: `${flat.pool.url}/api/v1/applications`,
      body: flat.bodies[i % flat.bodies.length]!,
      headers: { authorization: `Bearer ${flat.token}`, 'idempotency-key': `soak-${i}` },
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const began = performance.now();
  for (let i = 0; performance.now() < untilMs; i++) {
    const waitMs = began + (i * 1000) / perSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const sent: Promise<void> = send(i).finally(() => underWay.delete(sent));
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return statuses;
}

async function sampleUntil(flat: FlatPool, untilMs: number): Promise<Samples> {
  const began = performance.now();
  const samples: Samples = new Map();
  const postmaster = Number((await readFile(join(flat.home, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
  while (performance.now() < untilMs) {
    await sleep(SAMPLE_MS);
    const minutes = (performance.now() - began) / 60_000;
    const processes: [string, readonly number[]][] = [
      ['primary and client', [process.pid]],
      ...flat.pool.processIds().map((id): [string, number[]] => [`worker ${id}`, [id]]),
      ['postgres', [postmaster, ...(await childrenOf(postmaster))]],
    ];
    for (const [name, ids] of processes) {
      const held = await Promise.all(ids.map(heldBy));
      const sum = (of: 'memoryMb' | 'descriptors'): number => held.reduce((total, one) => total + one[of], 0);
      const sample = { minutes, memoryMb: sum('memoryMb'), descriptors: sum('descriptors') };
      samples.set(name, [...(samples.get(name) ?? []), sample]);
    }
  }
  return samples;
}

/** A process that ended meanwhile holds nothing. */
async function heldBy(id: number): Promise<{ memoryMb: number; descriptors: number }> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  const open = await readdir(`/proc/${id}/fd`).catch(() => []);
  return { memoryMb: Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024, descriptors: open.length };
}

async function childrenOf(id: number): Promise<number[]> {
  const text = await readFile(`/proc/${id}/task/${id}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

function rowOf(process: string, all: readonly Sample[], warmUpMinutes: number): SoakRow {
  const samples = all.filter(({ minutes }) => minutes >= warmUpMinutes);
  const third = Math.max(1, Math.floor(samples.length / 3));
  const mean = (some: readonly Sample[], of: 'memoryMb' | 'descriptors'): number =>
    some.reduce((sum, sample) => sum + sample[of], 0) / some.length;
  const [first, last] = [samples.slice(0, third), samples.slice(-third)];
  const mbPerMinute = slopeOf(samples.map(({ minutes, memoryMb }) => [minutes, memoryMb]));
  const [firstDescriptors, lastDescriptors] = [mean(first, 'descriptors'), mean(last, 'descriptors')];
  const moreAllowed = process === 'postgres' ? firstDescriptors * MAX_MORE_SHARE : MAX_MORE_DESCRIPTORS;
  return {
    ...{ process, samples: samples.length, firstMb: mean(first, 'memoryMb'), lastMb: mean(last, 'memoryMb') },
    ...{ mbPerMinute, firstDescriptors, lastDescriptors },
    holds: mbPerMinute <= MAX_SLOPE && lastDescriptors - firstDescriptors <= moreAllowed,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      'warm-up': { type: 'string', default: '5' },
      rate: { type: 'string', default: '100' },
      workers: { type: 'string', default: '2' },
      json: { type: 'boolean' },
    },
  });
  const [minutes, warmUp] = [Number(values.minutes), Number(values['warm-up'])];
  if (!(minutes > warmUp)) throw new Error('--minutes must be more than --warm-up: what is before it is not looked at');
  const flat = await startFlatPool(Number(values.workers));
  try {
    const untilMs = performance.now() + minutes * 60_000;
    const [statuses, samples] = await Promise.all([
      load(flat, Number(values.rate), untilMs),
      sampleUntil(flat, untilMs),
    ]);
    const rows = [...samples].map(([name, all]) => rowOf(name, all, warmUp));
    const answers = Object.fromEntries([...statuses].map(([status, count]) => [`status${status}`, count]));
    console.log(values.json ? JSON.stringify({ minutes, warmUp, ...answers, rows }) : answers);
    if (!values.json) console.table(rows);
    if (statuses.size !== 1 || !statuses.has(201) || rows.some(({ holds }) => !holds)) process.exitCode = 1;
  } finally {
    await flat.stop();
  }
}
