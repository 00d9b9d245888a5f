/**
 * What alternative data adds, measured as a promotion asks for it (docs/adr/0060), on two books:
 * - Lending Club: words of the borrower's own text (description, title, employer) and its lengths, chosen inside each training part;
 *   words that tell family, sex, age, health, belief or origin are left out. Beside: the same estimator on the application and bureau
 *   columns alone. Within the hash folds of the loans before 2011, and out of time on 2011.
 * - the simulated bank: an attribute of a social network, simulated by a stated rule (RULES below), with the impact ratios of every
 *   group of every trait that the bank keeps, four in five approved.
 * Run: node bench/lift.ts --lending-club HOME --data DIR [--bank HOME] [--estimators logistic,boosted] [--json]
 * HOME is the data directory of a trained book (`assay up --once --portfolio lending-club --data DIR`); half a minute a book with logistic alone, two more with boosted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { type Column, type Frame, selectRows } from '../src/domain/index.ts';
import { compileEstimator, createBoosted, logistic } from '../src/estimators/index.ts';
import { checkCatalog, liftRefusals, readSnapshot, type Snapshot, tablesOf } from '../src/features/index.ts';
import { groupImpacts, readTraits } from '../src/monitoring/index.ts';
import {
  ensureXgboost,
  loadConfig,
  openLocalLake,
  openSealedZone,
  openWarehouse,
  openXgboostEngine,
} from '../src/platform/index.ts';
import { type AnyEstimator, marginsOf, measureLift, type UnseenPredictions } from '../src/training/index.ts';
import { chooseWords, wordColumns, wordsOf } from './lift/words.ts';

const { values: options } = parseArgs({
  options: {
    'lending-club': { type: 'string' },
    data: { type: 'string' },
    bank: { type: 'string' },
    estimators: { type: 'string', default: 'logistic,boosted' },
    json: { type: 'boolean', default: false },
  },
});
const clubHome = options['lending-club'];
if (!options.bank && !(clubHome && options.data))
  throw new Error('--lending-club HOME with --data DIR, or --bank HOME: the data directories of trained books');

const FILE = 'lending_club/loans_2007_2011_asof_2017-10.csv.gz';
const SEED = 1;
const APPROVED_SHARE = 0.8;
/** Days since an account was opened: 1,000, `repaid` more for who repaid, `fewer` less for women, and up to 1,500 at random. */
const RULES = [
  { rule: 'helps', repaid: 400, fewer: 0 },
  { rule: 'says nothing', repaid: 0, fewer: 0 },
  { rule: 'helps, lower for women', repaid: 400, fewer: 500 },
];
const WOMAN = /^(f|female|w|woman)$/i;

const warehouse = await openWarehouse({ threads: 1 });
const scratch = await mkdtemp(join(tmpdir(), 'assay-bench-lift-'));
const engine = await openXgboostEngine({
  libraryPath: await ensureXgboost(loadConfig(process.env, process.cwd())),
  nthread: 1,
  scratchDirectory: scratch,
});
try {
  const text = clubHome && options.data ? await lendingClub(clubHome, options.data) : [];
  const social = options.bank ? await simulatedBank(options.bank) : [];
  if (options.json) console.log(JSON.stringify({ text, social }, null, 2));
  else for (const table of [text, social]) if (table.length > 0) console.table(table);
} finally {
  await engine.close();
  await warehouse.close();
  await rm(scratch, { recursive: true, force: true });
}

type Part = {
  readonly snapshot: Snapshot;
  /** What both have. */
  readonly frame: Frame;
  readonly estimator: AnyEstimator;
  readonly measuredOn: 'out_of_fold' | 'out_of_time';
};
/** Columns beside, chosen on the rows trained on. */
type Extra = (train: Uint32Array) => readonly Column[];
type Unseen = UnseenPredictions & { readonly applicationIds: readonly string[] };

async function lendingClub(home: string, data: string) {
  const { snapshot, frame } = await openBook(home, 'lending-club');
  const words = (await textsOf(data, snapshot)).map(wordsOf);
  const lengths = snapshot.frame.columns.filter(({ name }) => name.endsWith('_length'));
  const extra: Extra = (train) => [...lengths, ...wordColumns(words, chooseWords(words, snapshot.target, train))];
  const results = [];
  for (const estimator of estimatorsNamed(options.estimators)) {
    for (const measuredOn of ['out_of_fold', 'out_of_time'] as const) {
      const part = { snapshot, frame, estimator, measuredOn };
      const measured = measureLift(await predict(part, extra), await predict(part, () => []));
      results.push({ estimator: estimator.name, measuredOn, ...figuresOf(measured) });
    }
  }
  return results;
}

async function simulatedBank(home: string) {
  const { snapshot, frame, lake, portfolio } = await openBook(home, 'simulated-bank');
  const context = { warehouse, lake, sealed: openSealedZone({ lake, home }), portfolio };
  const sex = portfolio.protectedAttributes.find(({ column }) => column === 'sex');
  if (!sex) throw new Error('the book keeps no sex');
  const sexes = await readTraits(context, sex);
  const isWoman = snapshot.applicationIds.map((id) => WOMAN.test(sexes.get(id) ?? ''));
  const part = { snapshot, frame, estimator: logistic, measuredOn: 'out_of_time' } as const;
  const without = await predict(part, () => []);
  const results = [];
  for (const { rule, repaid, fewer } of RULES) {
    const values = accountAges(snapshot.target, isWoman, { repaid, fewer });
    const found = await predict(part, () => [{ kind: 'numeric', name: 'account_age_days', values }]);
    const measured = measureLift(found, without);
    const { applicationIds } = found;
    const ranked = { applicationIds, pdWith: found.pd, pdWithout: without.pd, approvedShare: APPROVED_SHARE };
    const groups = await groupImpacts(context, ranked);
    const refusals = liftRefusals({ lift: measured.difference, groups, dataClass: 'social_network' });
    const impact = groups.map(
      ({ name, airWith, airWithout }) =>
        `${name} ${airWithout?.value.toFixed(4) ?? 'too few'} -> ${airWith?.value.toFixed(4) ?? 'too few'}`,
    );
    const verdict = refusals.length === 0 ? 'may lead' : refusals.join('; ');
    results.push({ rule, ...figuresOf(measured), impact: impact.join(', '), verdict });
  }
  return results;
}

function figuresOf({ aucA, aucB, difference }: ReturnType<typeof measureLift>) {
  const shown = (value: number): string => value.toFixed(4);
  const { value, lower, upper } = difference;
  return {
    with: shown(aucA),
    without: shown(aucB),
    lift: `${shown(value)} (${shown(lower)} to ${shown(upper)})`,
    isShown: lower > 0,
  };
}

function estimatorsNamed(list: string): AnyEstimator[] {
  const known: Readonly<Record<string, AnyEstimator>> = { logistic, boosted: createBoosted(engine) };
  return list.split(',').map((name) => {
    const found = known[name];
    if (found) return found;
    throw new Error(`--estimators: "${name}" is neither logistic nor boosted`);
  });
}

/** The training set of a trained book, and its columns without alternative data. */
async function openBook(home: string, name: string) {
  const portfolio = await loadPortfolio(name);
  const lake = openLocalLake(join(home, 'lake', name));
  const snapshot = await readSnapshot({ warehouse, lake });
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  const alternative = new Set(
    features.filter(({ dataClass }) => dataClass === 'alternative').map(({ definition }) => definition.name),
  );
  const columns = snapshot.frame.columns.filter((column) => !alternative.has(column.name));
  return { portfolio, lake, snapshot, frame: { rowCount: snapshot.frame.rowCount, columns } };
}

/** Text of each application of the training set, by its row of the file; checked against the length that ingestion counted. */
async function textsOf(data: string, snapshot: Snapshot): Promise<string[]> {
  const path = join(data, FILE).replaceAll("'", "''");
  const { columns } = await warehouse.columns(
    `SELECT COALESCE("desc", '') AS description, COALESCE(title, '') || ' ' || COALESCE(emp_title, '') AS other
     FROM read_csv('${path}', header = true, all_varchar = true, nullstr = ['', 'n/a'], parallel = false)`,
  );
  const [description, other] = columns;
  if (description?.kind !== 'text' || other?.kind !== 'text') throw new Error(`${FILE} has no text`);
  const lengths = snapshot.frame.columns.find(({ name }) => name === 'description_length');
  return snapshot.applicationIds.map((id, i) => {
    const row = Number(id.slice('lc-'.length));
    const length = (description.values[row] ?? '').length;
    if (lengths?.kind !== 'numeric' || lengths.values[i] !== length)
      throw new Error(`row ${row} of ${FILE} is not the loan ${id}: its description has ${length} characters`);
    return `${description.values[row] ?? ''} ${other.values[row] ?? ''}`;
  });
}

function accountAges(
  target: Uint8Array,
  isWoman: readonly boolean[],
  { repaid, fewer }: { readonly repaid: number; readonly fewer: number },
): Float64Array {
  const random = generator(SEED);
  return Float64Array.from(
    target,
    (bad, row) => 1_000 + (bad === 1 ? 0 : repaid) - (isWoman[row] ? fewer : 0) + 1_500 * random(),
  );
}

/** Margins of rows that the model did not see: they rank as pds do. */
async function predict(part: Part, extra: Extra): Promise<Unseen> {
  const { snapshot, measuredOn } = part;
  const all = Array.from(snapshot.target.keys());
  const training = all.filter((row) => snapshot.isTest[row] === 0);
  const testing = all.filter((row) => snapshot.isTest[row] === 1);
  const foldOf = (row: number): number => snapshot.fold[row]!;
  const rows = measuredOn === 'out_of_time' ? testing : training;
  const folds = [...new Set(training.map(foldOf))].sort();
  const splits =
    measuredOn === 'out_of_time'
      ? [{ train: training, test: testing }]
      : folds.map((fold) => ({
          train: training.filter((row) => foldOf(row) !== fold),
          test: training.filter((row) => foldOf(row) === fold),
        }));
  const margins = new Float64Array(snapshot.target.length);
  for (const { train, test } of splits) {
    const found = await fitAndPredict(part, extra, { train: Uint32Array.from(train), test: Uint32Array.from(test) });
    for (const [i, row] of test.entries()) margins[row] = found[i]!;
  }
  return {
    applicationIds: rows.map((row) => snapshot.applicationIds[row]!),
    pd: Float64Array.from(rows, (row) => margins[row]!),
    target: Uint8Array.from(rows, (row) => snapshot.target[row]!),
    ...(measuredOn === 'out_of_fold' && { fold: Uint8Array.from(rows, foldOf) }),
  };
}

async function fitAndPredict(
  { snapshot, frame, estimator }: Part,
  extra: Extra,
  { train, test }: { readonly train: Uint32Array; readonly test: Uint32Array },
): Promise<Float64Array> {
  const whole = { rowCount: frame.rowCount, columns: [...frame.columns, ...extra(train)] };
  const target = Uint8Array.from(train, (row) => snapshot.target[row]!);
  const fitted = await estimator.fit(
    { frame: selectRows(whole, train), target },
    { parameters: {}, context: { seed: SEED, nthread: 1 } },
  );
  return marginsOf(compileEstimator(fitted), selectRows(whole, test));
}

/** Deterministic numbers between 0 and 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
