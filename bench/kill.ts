/**
 * Kills `assay up --once` at random moments with SIGKILL, lets the last start finish, and compares what is there with an
 * installation that was never killed.
 * node bench/kill.ts [--kills 20] [--borrowers 800] [--seed 1]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stateHash } from '../src/entrypoints/state-hash.ts';
import { openSystem } from '../src/entrypoints/system.ts';
import { loadConfig, REPOSITORY_ROOT, systemClock } from '../src/platform/index.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    borrowers: { type: 'string', default: '800' },
    seed: { type: 'string', default: '1' },
  },
});
const PORTFOLIO = 'simulated-bank';
/** About what a start needs before it goes on with the pipeline. */
const START_MS = 1_500;

function start(home: string): ChildProcess {
  return spawn(
    process.execPath,
    [join(REPOSITORY_ROOT, 'bin/assay.js'), 'up', '--once', '--borrowers', values.borrowers],
    {
      env: { ...process.env, ASSAY_HOME: home },
      stdio: ['ignore', 'ignore', 'ignore'],
      detached: true,
    },
  );
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

/** The whole process group but the database: what a crash of the machine's user session would take. */
async function killAfter(home: string, delayMs: number): Promise<boolean> {
  const child = start(home);
  const exit = ended(child);
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), delayMs);
  const code = await exit;
  clearTimeout(timer);
  return code !== 0;
}

async function hashOf(home: string): Promise<{ hash: string; parts: Readonly<Record<string, string>> }> {
  const config = loadConfig({ ...process.env, ASSAY_HOME: home }, REPOSITORY_ROOT);
  const system = await openSystem({ config, portfolio: PORTFOLIO, clock: systemClock });
  try {
    return await stateHash({ ...system, portfolio: PORTFOLIO });
  } finally {
    await system.close();
  }
}

/** Uniform in [0, 1), the same for the same seed (a linear congruential generator is enough to choose moments). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const killed = await mkdtemp(join(tmpdir(), 'assay-kill-'));
const whole = await mkdtemp(join(tmpdir(), 'assay-whole-'));
try {
  const began = performance.now();
  const code = await ended(start(whole));
  const wholeMs = performance.now() - began;
  if (code !== 0)
    throw new Error(`the run to compare with ended with exit ${code}: more borrowers are needed to train on`);
  console.log(`never killed: exit ${code} after ${(wholeMs / 1000).toFixed(1)} s`);
  const random = randomOf(Number(values.seed));
  // Each start takes up what the one before finished: with these moments the work is done about when the last kill has come.
  const longestMs = START_MS + (3 * wholeMs) / Number(values.kills);
  let kills = 0;
  for (let i = 0; i < Number(values.kills); i++) {
    const delayMs = 300 + random() * longestMs;
    const died = await killAfter(killed, delayMs);
    kills += died ? 1 : 0;
    console.log(`start ${i + 1}: ${died ? 'killed' : 'finished'} within ${(delayMs / 1000).toFixed(2)} s`);
  }
  const last = await ended(start(killed));
  const [a, b] = [await hashOf(whole), await hashOf(killed)];
  const different = Object.keys({ ...a.parts, ...b.parts }).filter((part) => a.parts[part] !== b.parts[part]);
  console.log(
    `${kills} kills; the last start ended with exit ${last}; ${Object.keys(a.parts).length} parts compared, ${different.length} differ ${different.join(', ')}`,
  );
  process.exitCode = last === 0 && different.length === 0 ? 0 : 1;
} finally {
  await rm(killed, { recursive: true, force: true });
  await rm(whole, { recursive: true, force: true });
}
