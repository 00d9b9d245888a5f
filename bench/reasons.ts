/**
 * Truth of reasons on a trained book: for every model version, how often the checks of `verifyReasons` hold, how often the pd
 * falls when all features of the first stated reason, and of all stated reasons, are set to the middle of the training rows
 * (median, or most frequent category), and how many declined applications get a counterfactual, with the time it takes.
 * Run: node bench/reasons.ts --home DIR [--portfolio NAME] [--rows 2000] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { findCounterfactuals, leversOf } from '../src/decisions/index.ts';
import type { FeatureValue } from '../src/domain/index.ts';
import { compileRevision, readSnapshot, type Snapshot, tablesOf } from '../src/features/index.ts';
import { openLocalLake, openWarehouse } from '../src/platform/index.ts';
import { verifyReasons } from '../src/scoring/index.ts';
import { columnsFrom, openVersions, rowsOf } from './support/book-rows.ts';

const { values: options } = parseArgs({
  options: {
    home: { type: 'string' },
    portfolio: { type: 'string', default: 'simulated-bank' },
    rows: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
  },
});
if (options.home === undefined) throw new Error('--home DIR names the data directory of a trained book');
const home = options.home;
/** Above it the simulated bank no longer approves by machine. */
const RISKY_PD = 0.1;

const portfolio = await loadPortfolio(options.portfolio);
const warehouse = await openWarehouse({ threads: 1 });
const lake = openLocalLake(join(home, 'lake', portfolio.name));
const snapshot = await readSnapshot({ warehouse, lake });
await warehouse.close();
const middle = middleOf(snapshot);
const rows = rowsOf(snapshot.frame, Number(options.rows));
const results = [];
for (const version of await openVersions(home, portfolio.name)) results.push(measure(version));
if (options.json) console.log(JSON.stringify(results, null, 2));
else console.table(results);

function measure({ manifest, scorer }: Awaited<ReturnType<typeof openVersions>>[number]) {
  const counts = {
    rows: rows.length,
    withReasons: 0,
    true: 0,
    firstImproves: 0,
    allImprove: 0,
    risky: 0,
    riskyFirst: 0,
  };
  for (const row of rows) {
    const { pd, reasons } = scorer.score(row);
    if (verifyReasons(scorer, manifest, row, reasons).length === 0) counts.true++;
    if (reasons.length === 0) continue;
    counts.withReasons++;
    const reset = (stated: typeof reasons): number => {
      const codes = new Set(stated.map(({ code }) => code));
      const names = Object.entries(manifest.reasons).flatMap(([name, { code }]) => (codes.has(code) ? [name] : []));
      // who is told that there is a figure on record at all: as if there were none
      const onRecord = new Set(stated.map(({ text }) => text));
      const isOnRecord = (name: string): boolean => onRecord.has(manifest.reasons[name]?.atBest?.text ?? '');
      const changed = Object.fromEntries(names.map((name) => [name, isOnRecord(name) ? null : (middle[name] ?? null)]));
      return scorer.score({ ...row, ...changed }, { reasons: false }).pd;
    };
    const improves = reset(reasons.slice(0, 1)) < pd;
    if (improves) counts.firstImproves++;
    if (pd > RISKY_PD) counts.risky++;
    if (pd > RISKY_PD && improves) counts.riskyFirst++;
    if (reset(reasons) < pd) counts.allImprove++;
  }
  return { estimator: manifest.estimator, ...counts, ...counterfactuals({ manifest, scorer }) };
}

function counterfactuals(model: Parameters<typeof findCounterfactuals>[0]['model']) {
  const columnsOf = columnsFrom(portfolio);
  const revise = compileRevision(portfolio.features, tablesOf(portfolio));
  const levers = leversOf(portfolio);
  let [declined, answered, milliseconds] = [0, 0, 0];
  for (const row of rows.slice(0, 500)) {
    const decided = {
      policy: portfolio.policy,
      model,
      columns: columnsOf(row),
      features: row,
      missing: [],
      currency: portfolio.currency,
    };
    const started = performance.now();
    const found = findCounterfactuals(decided, levers, revise);
    const took = performance.now() - started;
    if (found.length === 0 && took < 0.5) continue; // approved as it is
    declined++;
    milliseconds += took;
    if (found.length > 0) answered++;
  }
  return {
    notApproved: declined,
    withCounterfactual: answered,
    millisecondsEach: Number((milliseconds / declined).toFixed(1)),
  };
}

function middleOf({ frame, isTest }: Snapshot): Record<string, FeatureValue> {
  return Object.fromEntries(
    frame.columns.map((column) => {
      if (column.kind === 'numeric') {
        const sorted = column.values.filter((value, i) => !isTest[i] && !Number.isNaN(value)).sort();
        return [column.name, sorted[Math.floor(sorted.length / 2)] ?? null];
      }
      const counts = new Map<number, number>();
      column.codes.forEach((code, i) => {
        if (!isTest[i]) counts.set(code, (counts.get(code) ?? 0) + 1);
      });
      const [code] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [-1];
      return [column.name, column.levels[code] ?? null];
    }),
  );
}
