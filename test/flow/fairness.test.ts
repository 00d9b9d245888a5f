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
import { logistic } from '../../src/estimators/index.ts';
import { buildFeatures, buildSnapshot, define, readSnapshot, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { bookFairness, type FairnessContext, openFairnessViews, searchBook } from '../../src/monitoring/index.ts';
import { fixedClock, openLocalLake, openSealedZone, openWarehouse } from '../../src/platform/index.ts';
import { manifestOf } from '../../src/scoring/fixtures.ts';
import { createScorer, scoreBook } from '../../src/scoring/index.ts';

/**
 * Walks a book with a planted gap from the source file to the fairness figures: the trait goes to the sealed zone, a model that
 * never saw it is trained and scores the book, and the ratios are those counted by hand; the column that stands in for the trait
 * is found, and so are alternatives. It does not test the measures (src/training/measures) or HTTP (roles: api.test.ts).
 */
const ROWS = 3000;
const { attribute, categorical, numeric } = define;
const about = {
  title: 'x',
  unit: 'count',
  nullMeaning: 'not given',
  reason: { code: 'AB1', text: 'something of the applicant' },
};
const applications: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.double('arrears'),
    column.double('savings'),
    column.text('quarter', { dataClass: 'alternative' }),
    column.text('group_name', { nullable: true, dataClass: 'protected' }),
  ],
};
const portfolio = {
  name: 'planted',
  currency: 'EUR',
  features: {
    features: [
      numeric('arrears', attribute('arrears'), about),
      numeric('savings', attribute('savings'), about),
      categorical('quarter', attribute('quarter'), about),
    ],
  },
  protectedAttributes: [{ table: 'loan_applications', column: 'group_name', title: 'Group' }],
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
            arrears: record['arrears']!,
            savings: record['savings']!,
            quarter: record['quarter']!,
            group_name: record['group']!,
          }),
        },
        {
          table: outcomesTable,
          map: (record: RawRecord) => ({ application_id: record['id']!, defaulted: record['bad']! }),
        },
      ],
    },
  ],
} as unknown as Portfolio;

/** `small` is the group of every third row; it lives in the east mostly, and has more arrears. */
function bookCsv(): string {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const group = i % 200 === 0 ? 'tiny' : i % 3 === 0 ? 'small' : 'large';
    const quarter = random() < (group === 'small' ? 0.8 : 0.2) ? 'east' : 'west';
    const arrears = random() * 3 + (group === 'small' ? 0.7 : 0);
    const savings = random();
    const margin = -3.2 + arrears + (quarter === 'east' ? 0.5 : 0) - savings;
    const bad = random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    return `a${i},${arrears.toFixed(4)},${savings.toFixed(4)},${quarter},${i % 50 === 1 ? '' : group},${bad}`;
  });
  return `id,arrears,savings,quarter,group,bad\n${lines.join('\n')}\n`;
}

let home = '';
let context: FairnessContext;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-fairness-'));
  await writeFile(join(home, 'book.csv'), bookCsv());
  const lake = openLocalLake(join(home, 'lake'));
  const sealed = openSealedZone({ lake, home });
  const warehouse = await openWarehouse({ threads: 1 });
  context = { warehouse, lake, sealed, portfolio };
  await ingestPortfolio({ portfolio, dataDirectory: home, lake, warehouse, clock: fixedClock(new Date(0)), sealed });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  await buildSnapshot({ warehouse, lake, split: { kind: 'folds', name: 'planted', folds: 5 } });
  const { frame, target } = await readSnapshot({ warehouse, lake });
  const fitted = await logistic.fit({ frame, target }, { context: { seed: 1, nthread: 1 } });
  const scorer = createScorer(manifestOf(fitted), fitted);
  const termsOf = ({ score }: { score: { pd: number } }) => ({
    outcome: score.pd > 0.25 ? 'declined' : 'approved',
    annualRatePercent: null,
  });
  await scoreBook({ warehouse, lake, scorer, estimator: 'logistic', termsOf });
});
after(async () => {
  await context.warehouse.close();
  await rm(home, { recursive: true, force: true });
});

test('ratios are those counted by hand; too few is said; the unknown are counted apart', async () => {
  const found = await bookFairness(context, 'group_name');
  assert.equal(found.reference, 'large');
  assert.equal(found.unknown, ROWS / 50);
  const byName = new Map(found.policy.map((group) => [group.name, group]));
  assert.equal(byName.get('tiny')!.tooFew, true);
  assert.equal(byName.get('tiny')!.adverseImpactRatio, null);
  const [small, large] = [byName.get('small')!, byName.get('large')!];
  assert.equal(small.adverseImpactRatio!.value, small.approvalRate!.value / large.approvalRate!.value);
  assert.ok(small.adverseImpactRatio!.upper < 0.95 && small.scoreDifference!.upper < 0);
  assert.ok(small.falseDeclineRate!.value > large.falseDeclineRate!.value);
  const rates = found.cutOffs.map(({ groups }) => groups.find(({ name }) => name === 'large')!.approvalRate!.value);
  assert.deepEqual(
    rates,
    [...rates].sort((a, b) => a - b),
  );
  const other = await bookFairness(context, 'group_name', 'small');
  assert.ok(other.policy.find(({ name }) => name === 'large')!.adverseImpactRatio!.value > 1);
});

test('the column that stands in for the trait is found, and twenty alternatives or more are kept', async () => {
  const found = await searchBook(context, { trait: 'group_name', importance: ['arrears', 'quarter', 'savings'] });
  const scan = found.scans.find(({ group }) => group === 'small')!;
  assert.equal(scan.proxies[0]?.feature, 'quarter');
  assert.deepEqual(
    scan.proxies.map(({ isProxy }) => isProxy),
    [true, true, false],
  );
  assert.ok(scan.together!.value > scan.proxies[0]!.auc.value);
  const [asIs] = found.alternatives;
  assert.ok(found.alternatives.length >= 20);
  const fairer = found.alternatives.filter(
    ({ adverseImpactRatio: air }) => air!.value > asIs!.adverseImpactRatio!.value + 0.05,
  );
  assert.ok(fairer.length > 0 && found.alternatives.some(({ onFrontier }) => onFrontier));
  for (const { auc, adverseImpactRatio } of found.alternatives) {
    assert.ok(auc.lower <= auc.value && adverseImpactRatio!.lower <= adverseImpactRatio!.upper);
  }
});

test('a search is started once, told while it runs, and kept for the next server', async () => {
  let started = 0;
  const views = () =>
    openFairnessViews({
      ...context,
      runSearch: async (trait, { onProgress }) => {
        started++;
        onProgress(1, 2);
        return searchBook(context, { trait, importance: ['arrears', 'savings'] });
      },
    });
  const first = views();
  assert.equal((await first.search('group_name')).state, 'computing');
  let state = await first.search('group_name');
  for (let i = 0; state.state === 'computing' && i < 600; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    state = await first.search('group_name');
  }
  assert.equal(state.state, 'ready');
  assert.deepEqual(await views().search('group_name'), state);
  assert.equal(started, 1);
});

test('a trait that is not kept, and a group that is none, are refused by name', async () => {
  const is = (code: string) => (error: unknown) => error instanceof AssayError && error.code === code;
  await assert.rejects(bookFairness(context, 'religion'), is('not_found'));
  await assert.rejects(bookFairness(context, 'group_name', 'nobody'), is('bad_input'));
});
