/**
 * Many reviewers, many cases, crashes and abandons (exam R21): a real server refers applications; reviewers in several processes take
 * cases, answer, send twice, give back and walk away; the processes are killed with SIGKILL at random moments and started again half an hour
 * later by their own clock, until nothing waits. Then: every referred decision has one case, every case one answer and one entry in the
 * audit log, what was acknowledged stands as it was given, and abandoned cases came back.
 *
 * Run: node bench/reviews.ts [--cases 500] [--desks 3] [--reviewers 10] [--kills 30] [--seed 1] [--json]
 * One to three minutes; needs nothing but the repository. Exit code 1 when a check fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mulberry32 } from '../src/fraud/index.ts';
import { signedIn } from '../test/flow/support/call.ts';
import { startTinyServer } from '../test/flow/support/tiny-server.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '500' },
    desks: { type: 'string', default: '3' },
    reviewers: { type: 'string', default: '10' },
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [CASES, DESKS, KILLS] = [Number(values.cases), Number(values.desks), Number(values.kills)];
const DATABASE_PORT = 4713;
const AT_ONCE = 20;
const LEASE_MS = 31 * 60_000;
const MAX_ROUNDS = KILLS + 200;

const random = mulberry32(Number(values.seed));
const server = await startTinyServer({ databasePort: DATABASE_PORT });
const call = signedIn(() => server);
const acknowledged = new Map<string, string>();
let [killed, acknowledgedTwice, failedDesks] = [0, 0, 0];

/** Without income the application is referred. */
async function refer(index: number): Promise<void> {
  const body = { borrowerId: `b${index}`, amountMinor: 100_000 + index, attributes: { arrears: 1, purpose: 'car' } };
  const response = await call('underwriter', 'POST', '/applications', body);
  if (response.status !== 201) throw new Error(await response.text());
}

function startDesk(desk: number, round: number): ChildProcess {
  const script = new URL('support/review-desk.ts', import.meta.url).pathname;
  const options = ['--desk', `desk-${desk}`, '--reviewers', values.reviewers, '--seed', `${round * 100 + desk}`];
  const child = spawn(process.execPath, [script, ...options, '--ahead', String(round * LEASE_MS)], {
    env: {
      ...process.env,
      ASSAY_HOME: server.home,
      ASSAY_DATABASE_PORT: String(DATABASE_PORT),
      ASSAY_LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const [caseId = '', by = ''] = line.split(' ');
    if (acknowledged.has(caseId)) acknowledgedTwice += 1;
    acknowledged.set(caseId, by);
  });
  return child;
}

/** Desks at work until they end; some are killed meanwhile. */
async function work(round: number): Promise<void> {
  const ended = Array.from({ length: DESKS }, async (_, desk) => {
    const child = startDesk(desk, round);
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
    if (killed < KILLS && random() < 0.8) {
      await Promise.race([exit, sleep(400 + 1_600 * random())]);
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        killed += 1;
      }
    }
    const code = await exit;
    if (code !== null && code !== 0) failedDesks += 1;
  });
  await Promise.all(ended);
}

async function count(sql: string): Promise<number> {
  const [row] = await server.database.query<{ count: number }>(sql);
  return Number(row?.count ?? 0);
}

try {
  const started = performance.now();
  // signs in once, before twenty ask at once
  await call('underwriter', 'GET', '/session');
  for (let from = 0; from < CASES; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, CASES - from) }, (_, i) => refer(from + i)));
  const waiting = () =>
    count(
      `SELECT (SELECT count(*) FROM decisions) - (SELECT count(*) FROM review_cases WHERE status = 'decided') AS count`,
    );
  let round = 0;
  for (; round < MAX_ROUNDS && (await waiting()) > 0; round++) await work(round);
  const answers = await server.database.query<{ case_id: string; first_by: string }>(
    "SELECT case_id, first_by FROM review_cases WHERE status = 'decided'",
  );
  const byCase = new Map(answers.map((row) => [row.case_id, row.first_by]));
  const entered = (kind: string) => count(`SELECT count(*) AS count FROM audit_log WHERE kind = '${kind}'`);
  const found = {
    cases: CASES,
    reviewers: DESKS * Number(values.reviewers),
    rounds: round,
    killed,
    answersAcknowledged: acknowledged.size,
    abandonedAndReturned: await entered('review_expired'),
    lost: CASES - (await count('SELECT count(DISTINCT decision_id) AS count FROM review_cases')),
    undecided: CASES - answers.length,
    answeredTwice:
      acknowledgedTwice +
      (await count(
        `SELECT count(*) AS count FROM (SELECT subject FROM audit_log WHERE kind = 'review_decided' GROUP BY subject HAVING count(*) > 1) t`,
      )),
    entriesMissing: answers.length - (await entered('review_decided')),
    acknowledgedButOtherwise: [...acknowledged].filter(([caseId, by]) => byCase.get(caseId) !== by).length,
    failedDesks,
    seconds: Math.round((performance.now() - started) / 1000),
  };
  const wrong = [
    'lost',
    'undecided',
    'answeredTwice',
    'entriesMissing',
    'acknowledgedButOtherwise',
    'failedDesks',
  ] as const;
  const passed = wrong.every((name) => found[name] === 0) && found.abandonedAndReturned > 0;
  if (values.json) console.log(JSON.stringify({ ...found, passed }, null, 2));
  else {
    console.table(found);
    console.log(passed ? 'R21 passed' : 'R21 FAILED');
  }
  if (!passed) process.exitCode = 1;
} finally {
  await server.stop();
}
