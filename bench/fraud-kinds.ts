/**
 * Planted application fraud by kind, with rules other than those of bench/fraud.ts: lifts of 1.3 to 2 times, rings of three, six and
 * twelve, rings that take twelve weeks, copies with a typing error or with look-alike letters, a device or an employer shared and
 * nothing else. Each kind is planted by itself, a hundredth of the applications, into the simulated bank and into Lending Club 2011 where its
 * file has what the kind needs. Printed: AUC against the untouched applications, the share of the planted that comes to a person (band
 * look or high), and how many of the first 100 of the queue are planted. Three seeds: mean, lowest and highest.
 *
 * The rules are ours: they say how well the signals find what we thought of. The links of portfolios/lending-club/fraud.ts were changed
 * after seeing seed 77 of them; the seeds here are others.
 *
 * Run: node bench/fraud-kinds.ts [--data DIR of the public data] [--home DIR of a trained simulated bank] [--seeds 3] [--kinds WORD] [--json]
 * One to two minutes for both books. Beside it with ASSAY_PYTHON set: scikit-learn's isolation forest on the numbers of the row and
 * the link counts, all kinds planted at once.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fraud as clubFraud } from '../portfolios/lending-club/fraud.ts';
import { fraud as bankFraud } from '../portfolios/simulated-bank/fraud.ts';
import type { FeatureValue, FraudDefinition } from '../src/domain/index.ts';
import { inOrderOfTime, LinkIndex, mulberry32, scanBook } from '../src/fraud/index.ts';
import { openWarehouse } from '../src/platform/index.ts';
import { auc } from '../src/training/index.ts';
import { bankRows, clubRows, type Row, spreadOf } from './fraud-planted.ts';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    home: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    kinds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
if (!options.data && !options.home) throw new Error('--data DIR or --home DIR names a book to plant fraud in');

const SHARE = 0.01;
const DAY_MS = 86_400_000;
const FIRST_SEED = 1001;
const CAPACITY = 100;

type Columns = Record<string, FeatureValue>;
type Random = () => number;
/** Applications put in, and ids of honest ones that became fraud. */
type Planting = { readonly rows: readonly Row[]; readonly planted: ReadonlySet<string> };
type Plant = (honest: readonly Row[], random: Random) => Planting;

const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)]!;

function clone(row: Row, id: string, more: Columns, days: number): Row {
  const appliedAt = new Date(row.application.appliedAt.getTime() + days * DAY_MS);
  const columns = { ...row.application.columns, ...more };
  return { ...row, application: { applicationId: id, borrowerId: `${id}-borrower`, appliedAt, columns } };
}

const added = (honest: readonly Row[], rows: readonly Row[]): Planting => ({
  rows: [...honest, ...rows],
  planted: new Set(rows.map(({ application }) => application.applicationId)),
});

/** Stated income times `from` to `to`, and what follows from it with it. */
const lifts =
  (income: string, from: number, to: number): Plant =>
  (honest, random) => {
    const planted = new Set<string>();
    while (planted.size < Math.round(honest.length * SHARE))
      planted.add(pick(honest, random).application.applicationId);
    const rows = honest.map((row): Row => {
      const { application } = row;
      if (!planted.has(application.applicationId)) return row;
      const times = from + (to - from) * random();
      const columns: Columns = { ...application.columns };
      columns[income] = Math.round(Number(columns[income]) * times);
      if (typeof columns['debt_to_income'] === 'number') columns['debt_to_income'] /= times;
      return { ...row, application: { ...application, columns } };
    });
    return { rows, planted };
  };

/** `size` borrowers within `days` who share some columns; the rest is other applicants', contact data none. */
const rings =
  (size: number, days: number, shared: (ring: number) => Columns, own: (random: Random) => Columns): Plant =>
  (honest, random) => {
    const count = Math.ceil((honest.length * SHARE) / size);
    const rows = Array.from({ length: count }, (_, ring) => {
      const at = pick(honest, random).application.appliedAt;
      return Array.from({ length: size }, (_member, i) => {
        const member = pick(honest, random);
        const moved = { ...member, application: { ...member.application, appliedAt: at } };
        const day = size === 1 ? 0 : Math.floor((days * i) / (size - 1));
        return clone(moved, `ring-${ring}-${i}`, { ...own(random), ...shared(ring) }, day);
      });
    });
    return added(honest, rows.flat());
  };

/** Another borrower's contact data or file, changed by `change`, one to sixty days later, with another applicant's loan. */
const copies =
  (names: readonly string[], change: (value: FeatureValue, random: Random) => FeatureValue): Plant =>
  (honest, random) =>
    added(
      honest,
      Array.from({ length: Math.round(honest.length * SHARE) }, (_, i) => {
        const [original, other] = [pick(honest, random), pick(honest, random)];
        const taken = names.map((name) => [name, change(original.application.columns[name] ?? null, random)] as const);
        const at = original.application.appliedAt;
        const moved = { ...other, application: { ...other.application, appliedAt: at } };
        return clone(moved, `copy-${i}`, Object.fromEntries(taken), 1 + Math.floor(random() * 60));
      }),
    );

const same = (value: FeatureValue): FeatureValue => value;

/** Two neighbouring characters change places. */
function mistyped(value: FeatureValue, random: Random): FeatureValue {
  if (typeof value !== 'string' || value.length < 4) return value;
  const at = 1 + Math.floor(random() * (value.length - 3));
  return value.slice(0, at) + value[at + 1] + value[at] + value.slice(at + 2);
}

const LOOKS_LIKE: Readonly<Record<string, string>> = { a: 'а', e: 'е', o: 'о', c: 'с', p: 'р', i: 'і', x: 'х', 0: 'О' };

/** Every letter that Cyrillic has a twin of. */
const lookAlike = (value: FeatureValue): FeatureValue =>
  typeof value === 'string' ? [...value].map((letter) => LOOKS_LIKE[letter] ?? letter).join('') : value;

const NO_CONTACT: Columns = { email: null, phone: null, address: null, device_id: null };
const noContact = (): Columns => NO_CONTACT;
const device = (ring: number): Columns => ({ device_id: `kind-device-${ring}` });
const CONTACT = ['email', 'phone', 'address', 'employer'];
const bankKinds: Readonly<Record<string, Plant>> = {
  'income x 1.8-3': lifts('declared_income_minor', 1.8, 3),
  'income x 1.3-2': lifts('declared_income_minor', 1.3, 2),
  'ring of 3, one device, 10 days': rings(3, 10, device, noContact),
  'ring of 6, one device, 10 days': rings(6, 10, device, noContact),
  'ring of 12, one device, 10 days': rings(12, 10, device, noContact),
  'ring of 6, one device, 12 weeks': rings(6, 84, device, noContact),
  'ring of 6, one employer, 10 days': rings(6, 10, (ring) => ({ employer: `Ring ${ring} Ltd` }), noContact),
  'copy, as it is': copies(CONTACT, same),
  'copy, a typing error in each': copies(CONTACT, mistyped),
  'copy, look-alike letters': copies(CONTACT, lookAlike),
  'copy of the address alone': copies(['address'], same),
};

const FILE = ['earliest_credit_line_on', 'total_lines', 'open_lines', 'zip3', 'revolving_balance_minor'];
const ownFile = (random: Random): Columns => ({
  revolving_balance_minor: Math.floor(random() * 5e6) + 0.5,
  total_lines: 1 + Math.floor(random() * 60),
});
const workplace = (ring: number): Columns => ({ employer_key: `kind employer ${ring}`, zip3: '900' });
const clubKinds: Readonly<Record<string, Plant>> = {
  'income x 1.8-3': lifts('annual_income_minor', 1.8, 3),
  'income x 1.3-2': lifts('annual_income_minor', 1.3, 2),
  'ring of 3, employer and place, 10 days': rings(3, 10, workplace, ownFile),
  'ring of 6, employer and place, 10 days': rings(6, 10, workplace, ownFile),
  'ring of 12, employer and place, 10 days': rings(12, 10, workplace, ownFile),
  'ring of 6, employer and place, 12 weeks': rings(6, 84, workplace, ownFile),
  'ring of 6, employer alone, 10 days': rings(6, 10, (ring) => ({ employer_key: `kind employer ${ring}` }), ownFile),
  'copy of the file, as it is': copies(FILE, same),
  'copy of the file, balance changed': copies(FILE.slice(0, -1), same),
  'copy of the file, lines ever changed': copies(
    FILE.filter((name) => name !== 'total_lines'),
    same,
  ),
  'copy of the file, two things changed': copies(FILE.slice(0, -2), same),
};

/** As the decisions saw it, and as the queue of the book does. */
function measure(definition: FraudDefinition, planting: Planting) {
  const decided = measureScan(definition, planting, false);
  return { ...measureScan(definition, planting, true), aucDecided: decided.auc, caughtDecided: decided.caught };
}

function measureScan(definition: FraudDefinition, { rows, planted }: Planting, lookBack: boolean) {
  const scanned = scanBook(definition, rows, { lookBack }).applications;
  const isPlanted = ({ application }: (typeof scanned)[number]): boolean => planted.has(application.applicationId);
  const queue = [...scanned].sort((a, b) => b.score - a.score).slice(0, CAPACITY);
  const caught = scanned.filter((one) => isPlanted(one) && one.band !== 'low').length;
  return {
    auc: auc({ scores: scanned.map(({ score }) => score), target: scanned.map((one) => Number(isPlanted(one))) }),
    caught: caught / planted.size,
    first100: queue.filter(isPlanted).length / Math.min(CAPACITY, planted.size),
  };
}

/** All kinds at once, each a hundredth; ids made different by kind. */
const everything =
  (kinds: readonly Plant[]): Plant =>
  (honest, random) => {
    let rows = honest;
    const planted = new Set<string>();
    for (const [kind, plant] of kinds.entries()) {
      const one = plant(honest, random);
      const changed = new Map(one.rows.map((row) => [row.application.applicationId, row]));
      rows = rows.map((row) =>
        one.planted.has(row.application.applicationId) ? changed.get(row.application.applicationId)! : row,
      );
      const known = new Set(rows.map(({ application }) => application.applicationId));
      for (const id of one.planted) {
        const row = changed.get(id)!;
        if (known.has(id)) planted.add(id);
        else {
          const renamed = `${kind}-${id}`;
          rows = [
            ...rows,
            { ...row, application: { ...row.application, applicationId: renamed, borrowerId: renamed } },
          ];
          planted.add(renamed);
        }
      }
    }
    return { rows, planted };
  };

function table(
  book: string,
  definition: FraudDefinition,
  kinds: Readonly<Record<string, Plant>>,
  honest: readonly Row[],
) {
  const all: Readonly<Record<string, Plant>> = { ...kinds, 'all kinds at once': everything(Object.values(kinds)) };
  const chosen = Object.entries(all).filter(([kind]) => kind.includes(options.kinds ?? ''));
  return chosen.map(([kind, plant]) => {
    const runs = Array.from({ length: Number(options.seeds) }, (_, i) =>
      measure(definition, plant(honest, mulberry32(FIRST_SEED + i))),
    );
    const of = (name: keyof (typeof runs)[number], digits: number): string =>
      spreadOf(
        runs.map((run) => run[name]),
        digits,
      );
    return {
      ...{ book, kind, aucDecided: of('aucDecided', 3), auc: of('auc', 3) },
      ...{ toAPersonDecided: of('caughtDecided', 2), toAPerson: of('caught', 2), plantedInFirst100: of('first100', 2) },
    };
  });
}

/** The peer on the same planted book: numbers of the row by their logarithm, and what our links count. */
async function isolationForest(definition: FraudDefinition, { rows, planted }: Planting): Promise<string> {
  const python = process.env['ASSAY_PYTHON'];
  if (!python) return 'not run: ASSAY_PYTHON is not set';
  const index = new LinkIndex(definition);
  const ordered = inOrderOfTime(rows);
  const names = Object.keys(ordered[0]!.application.columns).filter((name) =>
    ordered.some(({ application }) => typeof application.columns[name] === 'number'),
  );
  const matrix = ordered.map(({ application }) => {
    const counts = index.link(application);
    const numbers = names.map((name) => Math.log1p(Math.max(0, Number(application.columns[name] ?? 0))));
    return [...numbers, ...definition.links.map(({ id }) => counts[id] ?? 0)];
  });
  const folder = await mkdtemp(join(tmpdir(), 'assay-fraud-'));
  try {
    const bytes = new Uint8Array(Float64Array.from(matrix.flat()).buffer);
    for (const name of ['train.f64', 'test.f64']) await writeFile(join(folder, name), bytes);
    const label = ordered.map(({ application }) => Number(planted.has(application.applicationId)));
    await writeFile(join(folder, 'label.u8'), Uint8Array.from(label));
    const script = new URL('../python/reference/fraud.py', import.meta.url).pathname;
    const done = spawnSync(python, [script, folder, String(matrix[0]!.length), '200', '256'], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    return spreadOf(JSON.parse(done.stdout).aucs, 3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const warehouse = await openWarehouse({ threads: 1 });
const books = [];
if (options.home)
  books.push({
    name: 'simulated bank',
    definition: bankFraud,
    kinds: bankKinds,
    rows: await bankRows(warehouse, options.home),
  });
if (options.data)
  books.push({
    name: 'Lending Club 2011',
    definition: clubFraud,
    kinds: clubKinds,
    rows: await clubRows(warehouse, options.data),
  });
await warehouse.close();
const found = books.flatMap(({ name, definition, kinds, rows }) => table(name, definition, kinds, rows));
const peers = [];
for (const { name, definition, kinds, rows } of books) {
  const planting = everything(Object.values(kinds))(rows, mulberry32(FIRST_SEED));
  peers.push({
    book: name,
    kind: 'all kinds at once',
    isolationForestAuc: await isolationForest(definition, planting),
  });
}
if (options.json) console.log(JSON.stringify({ kinds: found, peers }, null, 2));
else {
  console.table(found);
  console.table(peers);
}
