import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';
import { BANK_FILES, generateBank, incumbentScore } from '../index.ts';

const BORROWERS = 1500;

let folder: string;
let bank: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-bank-'));
  bank = join(folder, 'bank');
  await generateBank({ directory: bank, seed: 11, borrowers: BORROWERS, faultRate: 0 });
});
after(() => rm(folder, { recursive: true, force: true }));

type Row = Record<string, string>;

const parsed = new Map<string, Row[]>();

/** Rows of a file of the shared bank, read once. */
async function rowsOf(name: keyof typeof BANK_FILES, directory = bank): Promise<Row[]> {
  const key = `${directory}/${name}`;
  const rows = parsed.get(key) ?? (await parse(name, directory));
  parsed.set(key, rows);
  return rows;
}

async function parse(name: keyof typeof BANK_FILES, directory: string): Promise<Row[]> {
  const text = gunzipSync(await readFile(join(directory, BANK_FILES[name].file))).toString();
  const [header, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(header!.map((column, i) => [column, cells[i]!])));
}

async function digests(directory: string): Promise<Record<string, string>> {
  const files = (await readdir(directory)).sort();
  const hashes = files.map(async (file) => [
    file,
    createHash('sha256')
      .update(await readFile(join(directory, file)))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(hashes));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number =>
  items.filter(holds).length / items.length;

test('the same options give the same bytes; another seed gives others', async () => {
  const options = { borrowers: 60, seed: 4 };
  for (const [name, seed] of [
    ['a', 4],
    ['b', 4],
    ['c', 5],
  ] as const) {
    await generateBank({ ...options, seed, directory: join(folder, name) });
  }
  assert.deepEqual(await digests(join(folder, 'a')), await digests(join(folder, 'b')));
  assert.notDeepEqual(await digests(join(folder, 'a')), await digests(join(folder, 'c')));
});

test('a larger bank starts with the same borrowers', async () => {
  await generateBank({ directory: join(folder, 'small'), seed: 11, borrowers: 50, faultRate: 0 });
  const small = await rowsOf('applications', join(folder, 'small'));
  assert.deepEqual((await rowsOf('applications')).slice(0, small.length), small);
});

test('volumes and rates lie where they are stated', async () => {
  const [transactions, outcomes, applications, truth] = await Promise.all([
    rowsOf('transactions'),
    rowsOf('outcomes'),
    rowsOf('applications'),
    rowsOf('truth'),
  ]);
  const perBorrower = transactions.length / BORROWERS;
  assert.ok(perBorrower > 90 && perBorrower < 125, `${perBorrower} transactions a borrower`);
  const labelled = outcomes.filter((row) => row['defaulted'] !== '');
  const badRate = mean(labelled.map((row) => Number(row['defaulted'])));
  assert.ok(badRate > 0.06 && badRate < 0.1, `bad rate ${badRate}`);
  const declined = share(applications, (row) => row['incumbent_outcome'] === 'declined');
  assert.ok(declined > 0.1 && declined < 0.2, `incumbent declines ${declined}`);
  const open = share(outcomes, (row) => row['status'] === 'not_matured');
  assert.ok(open > 0.1 && open < 0.22, `not matured ${open}`);
  const indeterminate = share(outcomes, (row) => row['status'] === 'indeterminate');
  assert.ok(indeterminate > 0.004 && indeterminate < 0.03, `indeterminate ${indeterminate}`);
  assert.equal(truth.length, applications.length);
  const second = share(applications, (row) => row['application_no']!.endsWith('-2'));
  assert.ok(second > 0.03 && second < 0.12, `second applications ${second}`);
});

test('true pds are true: outcomes follow them bin by bin, and they tell bad from good', async () => {
  const truth = (await rowsOf('truth'))
    .map((row) => ({ pd: Number(row['true_pd']), bad: Number(row['would_default']) }))
    .sort((a, b) => a.pd - b.pd);
  const size = Math.ceil(truth.length / 8);
  for (let from = 0; from < truth.length; from += size) {
    const bin = truth.slice(from, from + size);
    const pd = mean(bin.map((row) => row.pd));
    const spread = Math.sqrt((pd * (1 - pd)) / bin.length);
    assert.ok(Math.abs(mean(bin.map((row) => row.bad)) - pd) < 4 * spread, `bin at ${pd}`);
  }
  const auc = aucOf(truth);
  assert.ok(auc > 0.86 && auc < 0.93, `AUC of the truth ${auc}`);
});

/** Rows in order of pd; ties do not matter at six digits. */
function aucOf(sorted: readonly { bad: number }[]): number {
  let goods = 0;
  let pairs = 0;
  for (const { bad } of sorted) {
    if (bad) pairs += goods;
    else goods++;
  }
  return pairs / (goods * (sorted.length - goods));
}

test('later cohorts and the shock of 2023 are riskier', async () => {
  const truth = new Map((await rowsOf('truth')).map((row) => [row['application_no'], Number(row['true_pd'])]));
  const meanOf = (years: string): number =>
    mean(
      applications
        .filter((row) => row['applied_at']!.startsWith(years))
        .map((row) => truth.get(row['application_no'])!),
    );
  const applications = await rowsOf('applications');
  assert.ok(meanOf('2023') > 1.15 * meanOf('2021'));
});

test('where somebody lives tells the group he or she belongs to: the planted proxy', async () => {
  const borrowers = await rowsOf('borrowers');
  const unemployment = new Map(
    (await rowsOf('districts')).map((row) => [row['district_no'], Number(row['unemployment_pct'])]),
  );
  const meanOf = (majority: boolean): number =>
    mean(
      borrowers
        .filter((row) => (row['ethnic_group'] === 'majority') === majority)
        .map((row) => unemployment.get(row['district_no'])!),
    );
  assert.ok(meanOf(false) - meanOf(true) > 0.7, `${meanOf(false)} against ${meanOf(true)}`);
  const minority = share(borrowers, (row) => row['ethnic_group'] !== 'majority');
  assert.ok(minority > 0.12 && minority < 0.3);
});

test('spending has seasons, salaries a day, and income is hidden by those who earn little', async () => {
  const transactions = await rowsOf('transactions');
  const groceries = transactions.filter((row) => row['channel'] === 'card');
  const spentIn = (month: string): number =>
    mean(groceries.filter((row) => row['booked_at']!.slice(5, 7) === month).map((row) => -Number(row['amount'])));
  assert.ok(spentIn('01') > 1.1 * spentIn('02'));
  const salaries = transactions.filter((row) => row['category'] === 'salary');
  const days = new Map<string, Set<string>>();
  for (const row of salaries) {
    const known = days.get(row['account_no']!) ?? new Set();
    days.set(row['account_no']!, known.add(row['booked_at']!.slice(8, 10)));
  }
  assert.ok(mean([...days.values()].map((set) => set.size)) < 3.2);
  const borrowers = await rowsOf('borrowers');
  const hidden = (status: string): number =>
    share(
      borrowers.filter((row) => row['employment_status'] === status),
      (row) => row['net_income'] === '',
    );
  assert.ok(hidden('self_employed') > hidden('public_service') + 0.05);
});

test('what is known is never known before it happened, and some of it late', async () => {
  const transactions = await rowsOf('transactions');
  assert.ok(transactions.every((row) => row['known_at']! >= row['booked_at']!));
  const late = share(transactions, (row) => row['known_at']!.slice(0, 10) > row['booked_at']!.slice(0, 10));
  const days = share(transactions, (row) => Date.parse(row['known_at']!) - Date.parse(row['booked_at']!) >= 86_400_000);
  assert.ok(late > days && days > 0.015 && days < 0.025, `${days} a day or more late`);
});

test('balances run on: each is the one before plus the amount', async () => {
  const cents = (text: string): number => Math.round(Number(text) * 100);
  let account = '';
  let balance = 0;
  for (const row of await rowsOf('transactions')) {
    if (row['account_no'] === account) assert.equal(cents(row['balance']!), balance + cents(row['amount']!));
    account = row['account_no']!;
    balance = cents(row['balance']!);
  }
});

test('faults come at the rate asked for', async () => {
  const directory = join(folder, 'faulty');
  await generateBank({ directory, seed: 11, borrowers: 200, faultRate: 0.05 });
  const clean = new Set((await rowsOf('transactions')).map((row) => Object.values(row).join(',')));
  const text = gunzipSync(await readFile(join(directory, BANK_FILES.transactions.file))).toString();
  const lines = text.trimEnd().split('\n').slice(1);
  const spoiled = share(lines, (line) => !clean.has(line));
  const repeated = 1 - new Set(lines).size / lines.length;
  assert.ok(spoiled > 0.015 && spoiled < 0.035, `spoiled ${spoiled}`);
  assert.ok(repeated > 0.015 && repeated < 0.035, `repeated ${repeated}`);
});

test('the incumbent rule is the one that is written down', () => {
  const good = {
    declaredIncomeMinor: 250_000,
    overdrawnEvents90d: 0,
    relationshipDays: 900,
    employmentStatus: 'employed',
  } as const;
  assert.equal(incumbentScore(good), 75);
  assert.equal(incumbentScore({ ...good, overdrawnEvents90d: 2 }), 60);
  assert.equal(incumbentScore({ ...good, overdrawnEvents90d: 3, declaredIncomeMinor: 100_000 }), 25);
});

test('a number of borrowers out of range is refused; a cancelled run is cancelled', async () => {
  const directory = join(folder, 'none');
  await assert.rejects(generateBank({ directory, seed: 1, borrowers: 0 }), /not a number of borrowers.*given: 0/);
  const run = generateBank({ directory, seed: 1, borrowers: 10, signal: AbortSignal.abort() });
  await assert.rejects(run, (error) => error instanceof AssayError && error.code === 'cancelled');
});
