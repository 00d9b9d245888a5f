/**
 * Reviewers at work in one process, until it is killed or nothing is open: each takes a case, and then answers, answers twice at once,
 * gives it back, or leaves without a word. A line for each answer that was acknowledged. Started by bench/reviews.ts.
 */
import { parseArgs } from 'node:util';
import { DecisionStore, PolicyStore, ReviewStore } from '../../src/decisions/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { mulberry32 } from '../../src/fraud/index.ts';
import { createLog, loadConfig, openDatabase, openPersonVault } from '../../src/platform/index.ts';
import { tinyPortfolio } from '../../test/flow/support/tiny-book.ts';

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({ options: { desk: text, reviewers: text, seed: text, ahead: text } });
const config = loadConfig(process.env, process.cwd());
const { database, close } = await openDatabase(config, { log: createLog(config) });
const clock = { now: () => new Date(Date.now() + Number(values.ahead)) };
const vault = openPersonVault({ home: config.home, database, clock, portfolio: tinyPortfolio.name });
const common = { database, clock, portfolio: tinyPortfolio.name, vault };
let ids = 0;
const reviews = new ReviewStore({
  ...common,
  store: new DecisionStore(common),
  policies: new PolicyStore({ database, clock, portfolio: tinyPortfolio }),
  newId: () => `${values.desk}-${values.seed}-${ids++}`,
});
const random = mulberry32(Number(values.seed));

async function work(name: string): Promise<void> {
  for (;;) {
    await reviews.openReferred();
    const { rows } = await reviews.list({ status: 'open', limit: 50, offset: 0 });
    const one = rows[Math.floor(random() * rows.length)];
    if (!one) return;
    try {
      await reviews.claim(one.caseId, name);
      await treat(one.caseId, name, random());
    } catch (error) {
      if (!(error instanceof AssayError && error.code === 'conflict')) throw error;
      // holds as many as one may: those left lie there until their time is over
      if (/at most/.test(error.parts.what)) return;
    }
  }
}

async function treat(caseId: string, name: string, fate: number): Promise<void> {
  if (fate < 0.15) return;
  if (fate < 0.25) return void (await reviews.release(caseId, name));
  const answer = { outcome: 'declined', code: 'BURDEN_TOO_HIGH', note: `by ${name}, after looking at it` } as const;
  const times = fate < 0.5 ? 2 : 1;
  const sent = await Promise.allSettled(Array.from({ length: times }, () => reviews.decide(caseId, name, answer)));
  const refused = sent.find((one) => one.status === 'rejected');
  if (refused && sent.every((one) => one.status === 'rejected')) throw refused.reason;
  process.stdout.write(`${caseId} ${name}\n`);
}

await Promise.all(Array.from({ length: Number(values.reviewers) }, (_, i) => work(`${values.desk}-${i}`)));
await close();
