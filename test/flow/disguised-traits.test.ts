// A lender's own mappers hide protected traits from the catalog: sex under another name and code, age worked out of a customer number,
// a flag that is missing for one group. Lineage cannot see any of it; the values tell. A step of the pipeline refuses them by name,
// and lets a column through that only goes along with a trait.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AssayError,
  column,
  outcomesTable,
  type Portfolio,
  type RawRecord,
  type TableSchema,
} from '../../src/domain/index.ts';
import { buildFeatures, define, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { bookSteps, type PipelineDependencies } from '../../src/pipeline/index.ts';
import { fixedClock, openLocalLake, openSealedZone, openWarehouse, type Warehouse } from '../../src/platform/index.ts';

const { attribute, categorical, constant, derived, feature, numeric, subtract } = define;
const about = {
  title: 'x',
  unit: 'count',
  nullMeaning: 'not given',
  reason: { code: 'AB1', text: 'something of the applicant' },
};
const trait = { nullable: true, dataClass: 'protected' } as const;
const applications: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.double('income'),
    column.text('branch'),
    column.text('tariff'),
    column.integer('series', { min: 0 }),
    column.double('bonus', { nullable: true }),
    column.integer('season'),
    column.text('team'),
    column.integer('card'),
    column.text('sex', trait),
    column.integer('age', trait),
    column.date('born', trait),
    column.text('people', trait),
  ],
};

/** The branch goes along with sex, as much in life does; the rest is sex or age in another dress. */
const bookOf = (names: readonly string[]) =>
  ({
    name: 'smuggler',
    currency: 'EUR',
    features: {
      features: [
        numeric('income', attribute('income'), about),
        categorical('branch', attribute('branch'), about),
        categorical('tariff', attribute('tariff'), about),
        numeric('series', attribute('series'), about),
        numeric('series_later', derived(subtract(feature('series'), constant(7))), about),
        numeric('bonus', attribute('bonus'), about),
        numeric('season', attribute('season'), about),
        categorical('team', attribute('team'), about),
        numeric('card', attribute('card'), about),
      ].filter(({ name }) => names.includes(name)),
    },
    protectedAttributes: [
      { table: 'loan_applications', column: 'sex', title: 'Sex' },
      { table: 'loan_applications', column: 'age', title: 'Age' },
      { table: 'loan_applications', column: 'born', title: 'Born' },
      { table: 'loan_applications', column: 'people', title: 'People' },
    ],
    split: { kind: 'folds', name: 'smuggler', folds: 5 },
    sources: [
      {
        name: 'book',
        path: 'book.csv',
        format: 'csv',
        targets: [
          {
            table: applications,
            map: (record: RawRecord) => ({
              application_id: record['id']!,
              borrower_id: record['id']!,
              applied_at: '2024-01-01',
              income: record['income']!,
              branch: record['branch']!,
              // CASE WHEN sex …
              tariff: record['sex'] === 'f' ? 'T7' : 'T2',
              // the first digits of a customer number are the year of birth
              series: Math.floor(Number(record['customer']) / 10_000),
              bonus: record['sex'] === 'f' ? '' : record['income']!,
              // date arithmetic, and some noise
              season: Math.floor(Date.parse(record['born']!) / 86_400_000) + Number(record['people']!.slice(1)),
              // CASE WHEN age >= 68: the median tells little of it
              team: Number(record['age']) >= 68 ? 'A' : 'B',
              // of many groups one, and it is not the first by name
              card: record['people'] === 'P29' ? 1 : 0,
              sex: record['sex']!,
              age: record['age']!,
              born: record['born']!,
              people: record['people']!,
            }),
          },
          {
            table: outcomesTable,
            map: (record: RawRecord) => ({ application_id: record['id']!, defaulted: record['bad']! }),
          },
        ],
      },
    ],
  }) as unknown as Portfolio;

function bookCsv(): string {
  let state = 11;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: 900 }, (_, i) => {
    const sex = random() < 0.5 ? 'f' : 'm';
    const age = 18 + Math.floor(random() * 60);
    const branch = random() < (sex === 'f' ? 0.85 : 0.15) ? 'north' : 'south';
    const customer = (2024 - age) * 10_000 + (i % 10_000);
    const born = new Date(Date.UTC(2024 - age, i % 12, 1 + (i % 28))).toISOString().slice(0, 10);
    const people = random() < 0.3 ? 'P29' : `P${10 + Math.floor(random() * 20)}`;
    return `a${i},${(1000 + random() * 3000).toFixed(2)},${branch},${customer},${sex},${age},${born},${people},${random() < 0.2 ? 1 : 0}`;
  });
  return `id,income,branch,customer,sex,age,born,people,bad\n${lines.join('\n')}\n`;
}

let home = '';
let warehouse: Warehouse;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-disguise-'));
  await writeFile(join(home, 'book.csv'), bookCsv());
  warehouse = await openWarehouse({ threads: 1 });
});
after(async () => {
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

/** Freezes the training set of a catalog with these features, as the pipeline does. */
async function freeze(...names: string[]): Promise<unknown> {
  const portfolio = bookOf(names);
  const lake = openLocalLake(join(home, `lake-${names.join('-')}`));
  const sealed = openSealedZone({ lake, home });
  await ingestPortfolio({ portfolio, dataDirectory: home, lake, warehouse, clock: fixedClock(new Date(0)), sealed });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const dependencies = { portfolio, lake, warehouse, sealed, codeHash: async () => '' };
  const steps = bookSteps(dependencies as unknown as PipelineDependencies);
  const step = steps.find(({ state }) => state === 'BuildSnapshot')!;
  return step.run({ input: {}, signal: new AbortController().signal, onProgress: () => {} } as never);
}

test('a trait that a mapper renamed, recoded, derived or left out is refused by the name of the feature', async () => {
  const smuggled = { tariff: 'sex', series: 'age', bonus: 'sex', season: 'born', team: 'age', card: 'people' };
  for (const [name, told] of Object.entries(smuggled)) {
    await assert.rejects(freeze('income', name), (error) => {
      assert.ok(error instanceof AssayError && error.code === 'forbidden', String(error));
      assert.deepEqual([...new Set(error.parts.issues?.map(({ path }) => path))], [name]);
      assert.match(error.message, new RegExp(`${name}: tells ${told}`));
      return true;
    });
  }
});

test('what is made from such a feature is refused with it', async () => {
  await assert.rejects(
    freeze('series', 'series_later'),
    (error) => error instanceof AssayError && /series:.*series_later:|series_later:.*series:/.test(error.message),
  );
});

test('a feature that only goes along with a trait stays, and is for the proxy scan to tell', async () => {
  await freeze('income', 'branch');
});
