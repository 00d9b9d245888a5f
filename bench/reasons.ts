/**
 * Truth of reasons on a trained book: for every model version, how often the checks of `verifyReasons` hold, how often the pd
 * falls when all features of the first stated reason, and of all stated reasons, are set to the middle of the training rows
 * (median, or most frequent category), and how many declined applications get a counterfactual, with the time it takes.
 * Run: node bench/reasons.ts --home DIR [--portfolio NAME] [--rows 2000] [--json]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { findCounterfactuals, leversOf, loanApplicationsSchema } from '../src/decisions/index.ts';
import { type FeatureRow, type FeatureValue, type Frame, type Portfolio, selectRows } from '../src/domain/index.ts';
import { openArtifact } from '../src/estimators/index.ts';
import { compileRevision, readSnapshot, type Snapshot, tablesOf } from '../src/features/index.ts';
import { openLocalLake, openSigner, openWarehouse } from '../src/platform/index.ts';
import { createScorer, verifyReasons } from '../src/scoring/index.ts';

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
for (const version of (await readdir(join(home, 'models'))).sort()) {
  if (version.startsWith(`${portfolio.name}-`)) results.push(await measure(version));
}
if (options.json) console.log(JSON.stringify(results, null, 2));
else console.table(results);

async function measure(version: string) {
  const directory = join(home, 'models', version);
  const files: Record<string, Uint8Array> = {};
  for (const name of ['manifest.json', 'model.json', 'signature.json'])
    files[name] = await readFile(join(directory, name));
  const { manifest, fitted } = openArtifact(files, openSigner(home).verify);
  const scorer = createScorer(manifest, fitted);
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
      const changed = Object.fromEntries(names.map((name) => [name, middle[name] ?? null]));
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

/** Columns of the application that attribute features show; enough for levers and the policy. */
function columnsFrom({ features }: Portfolio): (row: FeatureRow) => Record<string, FeatureValue> {
  const known = loanApplicationsSchema(portfolio).columns.map(({ name }) => name);
  const pairs = features.features.flatMap(({ name, definition }) =>
    definition.kind === 'attribute' && known.includes(definition.column) ? [[definition.column, name] as const] : [],
  );
  return (row) => Object.fromEntries(pairs.map(([column, name]) => [column, row[name] ?? null]));
}

function rowsOf(frame: Frame, count: number): FeatureRow[] {
  const step = Math.max(1, Math.floor(frame.rowCount / count));
  const chosen = selectRows(
    frame,
    Array.from({ length: Math.floor(frame.rowCount / step) }, (_, i) => i * step),
  );
  return Array.from({ length: chosen.rowCount }, (_, i) =>
    Object.fromEntries(chosen.columns.map((column) => [column.name, valueAt(column, i)])),
  );
}

function valueAt(column: Frame['columns'][number], row: number): FeatureValue {
  if (column.kind === 'categorical') return column.levels[column.codes[row]!] ?? null;
  const value = column.values[row]!;
  return Number.isNaN(value) ? null : value;
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
