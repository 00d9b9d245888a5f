/**
 * A hot backup while events come in, restored elsewhere: every event acknowledged before it began is there once, nothing is there
 * that was not sent, and of a book at rest the restored state has the same hash (R16: 60 s per million events at most).
 * node bench/backup.ts [--events 1000000] [--json]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';
import { caughtUp, onlineAgainst, onlineHash, openBook, rawAgainst } from './events/check.ts';
import { Client } from './events/client.ts';
import { oracle, paymentOf } from './events/feed.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, json: { type: 'boolean' } },
});
const BATCH = 1_000;
const events = Number(values.events);
/** So many that they do not end before the backup does. */
const batches = Math.ceil((events * 4) / BATCH) + 500;
const eventsOf = (batch: number) => Array.from({ length: BATCH }, (_, i) => paymentOf(batch * BATCH + i));
const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

async function assay(home: string, ...words: string[]): Promise<{ seconds: number }> {
  const env = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'error' };
  const began = performance.now();
  await promisify(execFile)(process.execPath, [join(REPOSITORY_ROOT, 'bin/assay.js'), ...words], { env });
  return { seconds: Math.round((performance.now() - began) / 100) / 10 };
}

/** Facts of a home once its consumers have taken what its stream holds. The client's process is the consumer. */
async function settled(home: string) {
  const client = new Client({ home, batches: 0, eventsOf });
  const living = client.live(() => false);
  const book = await openBook(home);
  try {
    await caughtUp(book);
    await client.stop();
    await living;
    // calls that are under way at once commit in any order: what is there is not always the first so many
    const facts = await book.database.query<{ key: string }>('SELECT fact_key AS key FROM online_tail');
    const numbers = new Set(facts.map(({ key }) => Number(/T(\d+)/.exec(key)?.[1])));
    const { wrong } = await onlineAgainst(book, oracle(numbers));
    return { numbers, count: facts.length, wrong, hash: await onlineHash(book), raw: await rawAgainst(book) };
  } finally {
    await book.close();
  }
}

const root = await mkdtemp(join(tmpdir(), 'assay-backup-'));
const at = (name: string): string => join(root, name);
try {
  // as a data directory is, not as a scratch folder: PostgreSQL's user must pass
  await promisify(execFile)('chmod', ['755', root]);
  const client = new Client({ home: at('home'), batches, eventsOf });
  let backup: Promise<{ seconds: number }> | undefined;
  let [acknowledgedBefore, acknowledgedAfter, isBackedUp] = [0, 0, false];
  // the load goes on until the backup is made; then the process is killed where it stands
  const end = await client.live((acknowledged) => {
    if (backup === undefined && acknowledged * BATCH >= events) {
      acknowledgedBefore = acknowledged * BATCH;
      backup = assay(at('home'), 'backup', at('hot')).finally(() => {
        isBackedUp = true;
      });
    }
    acknowledgedAfter = acknowledged * BATCH;
    return isBackedUp;
  });
  if (backup === undefined) throw new Error('the process that takes the events ended');
  const { seconds } = await backup;
  const restored = await assay(at('restored'), 'restore', at('hot'));
  const hot = await settled(at('restored'));
  const source = await settled(at('home'));
  await assay(at('home'), 'backup', at('cold'));
  await assay(at('again'), 'restore', at('cold'));
  const again = await settled(at('again'));
  const figures = {
    acknowledgedBefore,
    acknowledgedAfter,
    loadWentOnThroughout: end === 'killed',
    backupSeconds: seconds,
    secondsPerMillion: Math.round((seconds / acknowledgedBefore) * 1e7) / 10,
    restoreSeconds: restored.seconds,
    restoredEvents: hot.count,
    lost: numbersTo(acknowledgedBefore).filter((number) => !hot.numbers.has(number)).length,
    twiceOnline: hot.count - hot.numbers.size,
    wrong: hot.wrong,
    twiceInRawZone: hot.raw.doubled,
    rawLines: hot.raw.lines,
    sameHashAtRest: again.hash === source.hash && again.raw.lines === source.raw.lines,
  };
  console.log(JSON.stringify(figures, null, values.json ? 0 : 2));
  const isWhole =
    figures.lost + figures.wrong + figures.twiceOnline + figures.twiceInRawZone === 0 && hot.raw.lines === hot.count;
  process.exitCode = isWhole && figures.sameHashAtRest && source.wrong === 0 ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
