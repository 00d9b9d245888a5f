/**
 * Counterfactuals on a trained book, for every model version: of the applications that are not approved, how many get one; whether each,
 * applied to the application and computed anew from its columns by the online evaluator (not by the search's own revision), is approved
 * by the same scorer and the same credit policy; and whether any asks for what cannot be: another direction than the lever's, beyond its
 * limit or the column's bounds, part of a step, a trait, the past. Where the book has history, features that come from it stay as they
 * are and the rest is revised; the table says which way was taken.
 * Needs a home in which a book was trained: assay up --once --portfolio give-me-some-credit --data DIR (ASSAY_HOME=DIR).
 * Run: node bench/counterfactuals.ts --home DIR [--portfolio give-me-some-credit] [--rows 5000] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import {
  type Change,
  type Counterfactual,
  decisionResult,
  findCounterfactuals,
  leversOf,
  loanApplicationsSchema,
} from '../src/decisions/index.ts';
import type { FeatureRow, FeatureValue } from '../src/domain/index.ts';
import { checkCatalog, compileOnline, compileRevision, readSnapshot, tablesOf } from '../src/features/index.ts';
import { openLocalLake, openWarehouse } from '../src/platform/index.ts';
import { columnsFrom, openVersions, rowsOf } from './support/book-rows.ts';

const { values: options } = parseArgs({
  options: {
    home: { type: 'string' },
    portfolio: { type: 'string', default: 'give-me-some-credit' },
    rows: { type: 'string', default: '5000' },
    json: { type: 'boolean', default: false },
  },
});
if (options.home === undefined) throw new Error('--home DIR names the data directory of a trained book');
const home = options.home;
const portfolio = await loadPortfolio(options.portfolio);
const tables = tablesOf(portfolio);
const levers = leversOf(portfolio);
const revise = compileRevision(portfolio.features, tables);
const columnsOf = columnsFrom(portfolio);
const schema = loanApplicationsSchema(portfolio);
const classes = new Map(checkCatalog(portfolio.features, tables).features.map((f) => [f.definition.name, f.dataClass]));
const { policy, currency } = portfolio;
/** Every feature of the application itself: then a counterfactual can be computed from the columns alone. */
const isFlat = portfolio.features.features.every(({ definition }) =>
  ['attribute', 'derived'].includes(definition.kind),
);
const online = isFlat ? compileOnline(portfolio.features, tables) : undefined;

/** No feature that a change moves depends on it. */
const AS_OF = '2026-01-01T00:00:00';
const ASKED_NEVER = ['demographic', 'protected', 'social_network'];

const warehouse = await openWarehouse({ threads: 1 });
const snapshot = await readSnapshot({ warehouse, lake: openLocalLake(join(home, 'lake', portfolio.name)) });
await warehouse.close();
const rows = rowsOf(snapshot.frame, Number(options.rows));
const results = (await openVersions(home, portfolio.name)).map(measure);
if (options.json) console.log(JSON.stringify(results, null, 2));
else console.table(results);

type Columns = Readonly<Record<string, FeatureValue>>;
type Model = Awaited<ReturnType<typeof openVersions>>[number];

function measure(model: Model) {
  const counts = { notApproved: 0, withOne: 0, shown: 0, flip: 0, impossible: 0 };
  let milliseconds = 0;
  for (const features of rows) {
    const columns = columnsOf(features);
    const decided = { policy, model, columns, features, missing: [], currency };
    if (decisionResult({ ...decided, application: { columns } }).outcome === 'approved') continue;
    counts.notApproved++;
    const began = performance.now();
    const found = findCounterfactuals(decided, levers, revise);
    milliseconds += performance.now() - began;
    if (found.length > 0) counts.withOne++;
    for (const one of found) {
      counts.shown++;
      if (outcomeOf(model, { columns, features }, one) === 'approved') counts.flip++;
      if (one.changes.some((change) => isImpossible(change))) counts.impossible++;
    }
  }
  return {
    ...{ estimator: model.manifest.estimator, rows: rows.length, ...counts },
    share: Number((counts.withOne / Math.max(1, counts.notApproved)).toFixed(3)),
    rescored: isFlat ? 'from columns' : 'revised',
    millisecondsEach: Number((milliseconds / Math.max(1, counts.notApproved)).toFixed(2)),
  };
}

/** What the same model and policy say of the application with the changes made. */
function outcomeOf(
  model: Model,
  before: { readonly columns: Columns; readonly features: FeatureRow },
  { columns: changed, changes }: Counterfactual,
): string {
  const columns = { ...before.columns, ...changed };
  const moved = Object.fromEntries(
    changes.flatMap(({ lever, to }) => ('feature' in lever.on ? [[lever.on.feature, to]] : [])),
  );
  const features = online
    ? { ...before.features, ...differing(before.columns, columns) }
    : revise(before.features, { columns: changed, features: moved });
  return decisionResult({ policy, model, application: { columns }, features, missing: [], currency }).outcome;
}

/** Features of the application that come out otherwise with the other columns; the rest stays as the snapshot has it. */
function differing(before: Columns, after: Columns): FeatureRow {
  const at = (columns: Columns): FeatureRow => {
    const application = { ...columns, application_id: 'a', borrower_id: 'b' };
    return online!.evaluate({ application, asOf: AS_OF });
  };
  const [was, is] = [at(before), at(after)];
  return Object.fromEntries(Object.entries(is).filter(([name, value]) => value !== was[name]));
}

function columnOf({ on }: Change['lever']): string | undefined {
  return 'column' in on ? on.column : undefined;
}

function isImpossible({ lever, from, to }: Change): boolean {
  const column = 'column' in lever.on ? schema.columns.find(({ name }) => name === columnOf(lever)) : undefined;
  const dataClass = 'column' in lever.on ? column?.dataClass : classes.get(lever.on.feature);
  const isLower = lever.direction === 'lower';
  const steps = to / lever.step;
  return (
    dataClass === undefined ||
    ASKED_NEVER.includes(dataClass) ||
    (isLower ? to >= from || to < lever.limit : to <= from || to > lever.limit) ||
    Math.abs(steps - Math.round(steps)) > 1e-6 ||
    (column?.min !== undefined && to < column.min) ||
    (column?.max !== undefined && to > column.max) ||
    (['integer', 'money'].includes(column?.type ?? '') && !Number.isInteger(to))
  );
}
