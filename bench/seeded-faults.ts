/**
 * A lender in one process on which things go wrong by a seed: crashes at every point of the consumers and of each transaction, also
 * after its commit; events sent twice, late, out of order, in contradicting versions, or such as nobody can read; workers taken over;
 * files torn; a clock that jumps. The parts are the real ones on a real PostgreSQL. Then all comes to rest, and must hold: nothing
 * lost or doubled, sums as an oracle has them, one decision a key, every decision made again from what was known, the record
 * verified. The first seed runs twice for one trace, and every planted bug must be found (R12). Needs nothing but this repository.
 *
 *   node bench/seeded-faults.ts [--seeds 20] [--steps 10000] [--first 1] [--minutes 30] [--bug-seeds 5] [--bug-steps 400] [--json]
 */
import { parseArgs } from 'node:util';
import { mapConcurrently } from '../src/domain/index.ts';
import { BUGS } from './faults/bugs.ts';
import { type Bench, openBench, runSeed } from './faults/run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    steps: { type: 'string', default: '10000' },
    first: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '30' },
    'bug-seeds': { type: 'string', default: '5' },
    'bug-steps': { type: 'string', default: '400' },
    json: { type: 'boolean' },
  },
});
/** Worlds at work at once: while one waits for the database, others go on. */
const AT_ONCE = 4;
const [steps, first] = [Number(values.steps), Number(values.first)];
const say = (text: string): void => void (values.json || console.log(text));

/** The seed that finds a bug, and what it says; undefined when none of them does. */
async function findBug(bench: Bench, bug: (typeof BUGS)[number]): Promise<{ seed: number; says: string } | undefined> {
  for (let seed = first; seed < first + Number(values['bug-seeds']); seed++) {
    const { broken } = await runSeed(bench, seed, Number(values['bug-steps']), bug);
    if (broken[0] !== undefined) return { seed, says: broken[0] };
  }
  return undefined;
}

const bench = await openBench();
try {
  let found = 0;
  const bugs = Number(values['bug-seeds']) > 0 ? BUGS : [];
  for (const bug of bugs) {
    const finding = await findBug(bench, bug);
    if (finding) found++;
    say(
      `${finding ? `found by seed ${finding.seed}` : 'NOT FOUND'}  ${bug.name}${finding ? `: ${finding.says.slice(0, 140)}` : ''}`,
    );
  }
  const began = performance.now();
  const minutes = (): number => (performance.now() - began) / 60_000;
  let [done, ran] = [0, 0];
  const broken: { seed: number; says: string }[] = [];
  const traces: string[] = [];
  const runOne = async (seed: number): Promise<void> => {
    if (minutes() >= Number(values.minutes)) return;
    const outcome = await runSeed(bench, seed, steps);
    if (seed === first) traces.push(outcome.trace);
    [done, ran] = [done + 1, ran + outcome.steps];
    for (const says of outcome.broken) broken.push({ seed, says });
    say(
      `seed ${seed}: ${outcome.broken.length === 0 ? 'holds' : outcome.broken.join('; ')}  (${minutes().toFixed(1)} min)`,
    );
  };
  // the first twice: what one world does must not depend on what others do beside it
  const seeds = [first, ...Array.from({ length: Number(values.seeds) }, (_, i) => first + i)];
  await mapConcurrently(seeds, AT_ONCE, runOne);
  const isSameTrace = traces.length === 2 && traces[0] === traces[1];
  const figures = {
    ...{ seeds: done, steps: ran, minutes: Math.round(minutes() * 10) / 10, isSameTrace },
    ...{ broken: broken.length, bugs: bugs.length, bugsFound: found },
    stepsPerSecond: Math.round(ran / (minutes() * 60)),
    findings: broken.slice(0, 20),
  };
  console.log(JSON.stringify(figures, null, values.json ? 0 : 2));
  process.exitCode = broken.length === 0 && isSameTrace && found === bugs.length ? 0 : 1;
} finally {
  await bench.close();
}
