// Simulated social attributes on the way to the lead: three books of a lender in India, equal but for how an account's age comes about
// (the rule is in `accountAge`), go from file to champion by the steps of the pipeline. Data that helps and harms nobody leads; data
// that says nothing, or says it of one group alone, does not, and the version without it leads in its place. Then everybody who tries
// to promote without evidence: a person, evidence that was edited, a champion written into the table. It does not test the gate itself,
// which test/flow/social-network.test.ts does.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AssayError, column, outcomesTable, type Portfolio, type RawRecord } from '../../src/domain/index.ts';
import { proofFor, registryModels } from '../../src/entrypoints/server/index.ts';
import {
  admitSocialNetwork,
  buildFeatures,
  catalogHash,
  define,
  socialColumns,
  tablesOf,
} from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { bookSteps, type JsonObject, type PipelineDependencies } from '../../src/pipeline/index.ts';
import {
  createLog,
  loadConfig,
  ModelEvidence,
  ModelRegistry,
  migrate,
  type OpenDatabase,
  openDatabase,
  openLocalLake,
  openSealedZone,
  openSigner,
  openWarehouse,
  REPOSITORY_ROOT,
  type Warehouse,
} from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';

const ROWS = 3_000;
const clock = { now: () => new Date('2026-11-25T12:00:00Z') };
const { attribute, numeric } = define;
const reason = (code: string, text: string) => ({
  title: text,
  unit: 'count',
  nullMeaning: 'none',
  reason: { code, text },
});

type Applicant = { readonly sex: 'f' | 'm'; readonly bad: boolean; readonly chance: number };
/**
 * Days since an account was opened. `helps`: 500 more for who repays. `says nothing`: chance. `harms`: as `helps`, and 700 fewer
 * for women, whatever they repay.
 */
const accountAge = {
  helps: ({ bad, chance }: Applicant) => 1_500 + (bad ? 0 : 500) + 1_200 * chance,
  'says-nothing': ({ chance }: Applicant) => 1_500 + 1_200 * chance,
  harms: ({ sex, bad, chance }: Applicant) => 1_500 + (bad ? 0 : 500) - (sex === 'f' ? 700 : 0) + 1_200 * chance,
};
type Rule = keyof typeof accountAge;

/** A third default; women earn less for the same risk, so income alone declines more of them. */
function csvOf(rule: Rule): string {
  let state = 23;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const sex = random() < 0.4 ? 'f' : 'm';
    const bad = random() < 0.33;
    const income = 2_000 + 3_000 * random() - (bad ? 500 : 0) - (sex === 'f' ? 900 : 0);
    const age = accountAge[rule]({ sex, bad, chance: random() });
    return `a${i},${Math.round(income)},${Math.round(age)},${sex},${bad ? 1 : 0}`;
  });
  return `id,income,age,sex,bad\n${lines.join('\n')}\n`;
}

function bookOf(rule: Rule): Portfolio {
  const name = `plaza-${rule}`;
  const table = {
    ...tinyPortfolio.sources[0]!.targets[0]!.table,
    columns: [
      column.text('application_id'),
      column.text('borrower_id'),
      column.timestamp('applied_at'),
      column.integer('income', { min: 0 }),
      column.text('sex', { nullable: true, dataClass: 'protected' }),
      ...socialColumns('plaza'),
    ],
  };
  const map = (record: RawRecord) => ({
    application_id: record['id']!,
    borrower_id: record['id']!,
    applied_at: '2024-01-01',
    income: record['income']!,
    sex: record['sex']!,
    social_plaza_account_age_days: record['age']!,
  });
  const outcome = (record: RawRecord) => ({ application_id: record['id']!, defaulted: record['bad']! });
  return {
    ...tinyPortfolio,
    name,
    sources: [
      {
        ...{ name: 'book', path: `${rule}.csv`, format: 'csv' },
        targets: [
          { table, map },
          { table: outcomesTable, map: outcome },
        ],
      },
    ],
    features: {
      features: [
        numeric('income', attribute('income'), reason('INC', 'Income too low')),
        numeric('account', attribute('social_plaza_account_age_days'), reason('ACC', 'Account opened recently')),
      ],
    },
    split: { kind: 'folds', name, folds: 5 },
    lender: { ...tinyPortfolio.lender!, jurisdiction: 'IN' },
    protectedAttributes: [{ table: 'loan_applications', column: 'sex', title: 'Sex' }],
    socialNetwork: {
      enabled: true,
      jurisdictions: ['IN'],
      attestations: [{ platform: 'plaza', attestedBy: 'counsel', attestedOn: '2026-01-01' }],
    },
  };
}

let home = '';
let opened: OpenDatabase;
let warehouse: Warehouse;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-lift-'));
  opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  warehouse = await openWarehouse({ threads: 1 });
});
after(async () => {
  await warehouse?.close();
  await opened?.close();
  await rm(home, { recursive: true, force: true });
});

/** From the file to the champion, as the pipeline does it, with everybody's consent to development. */
async function runBook(rule: Rule) {
  const portfolio = bookOf(rule);
  admitSocialNetwork(portfolio, '2026-11-25');
  await writeFile(join(home, `${rule}.csv`), csvOf(rule));
  const lake = openLocalLake(join(home, 'lake', rule));
  const sealed = openSealedZone({ lake, home });
  const consented = { fingerprint: 'all', has: () => true };
  await ingestPortfolio({ portfolio, dataDirectory: home, lake, warehouse, clock, sealed, consented });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const { database } = opened;
  const signer = openSigner(home);
  const registry = new ModelRegistry({ database, directory: join(home, 'models'), clock });
  const evidence = new ModelEvidence({ database, signer, clock });
  const parts = { portfolio, lake, warehouse, sealed, registry, evidence, signer, clock, nthread: 1 };
  const steps = bookSteps({ ...parts, codeHash: async () => 'code' } as unknown as PipelineDependencies);
  const perform = (state: string, input: JsonObject): Promise<JsonObject> =>
    steps
      .find((step) => step.state === state)!
      .run({ input, signal: new AbortController().signal, onProgress: () => {} });
  await perform('BuildSnapshot', {});
  const trained = await perform('TrainEstimator', { estimator: 'logistic' });
  const selected = await perform('SelectChampion', { models: [trained] });
  const models = registryModels({
    ...{ registry, signer, clock },
    portfolio: portfolio.name,
    catalogHash: catalogHash(portfolio.features),
    proof: proofFor(portfolio, evidence),
  });
  const [lift] = await evidence.of(String(trained['modelVersion']));
  const { manifest } = await registry.get(String(selected['modelVersion']));
  return { registry, models, lift: lift!, trained: String(trained['modelVersion']), champion: manifest };
}

const refused = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof AssayError && error.code === code && text.test(error.message);
const inputsOf = ({ inputs }: { inputs: readonly { name: string }[] }) => inputs.map(({ name }) => name);

test('simulated attributes that help and harm no group lead, with the evidence beside the version', async () => {
  const { models, lift, trained, champion } = await runBook('helps');
  assert.equal(champion.modelVersion, trained);
  assert.deepEqual(inputsOf(champion), ['income', 'account']);
  assert.ok(lift.lift.lower > 0.05, JSON.stringify(lift.lift));
  assert.equal(lift.rows, ROWS);
  const [women] = lift.groups;
  assert.deepEqual([lift.traits, women?.name], [['sex'], 'f']);
  assert.ok(women!.airWith!.value > women!.airWithout!.value, 'income weighs less');
  const opened = await models.open(trained);
  assert.deepEqual(opened.lift, [lift]);
  assert.deepEqual(
    opened.history.map(({ event }) => event),
    ['registered', 'evidence', 'approved', 'promoted'],
  );
  const document = await models.document(trained);
  for (const part of [
    'Social-network data: what it adds',
    lift.challenger,
    'The lift is shown.',
    'impact ratio without',
  ])
    assert.ok(document.includes(part), part);
  assert.equal((await models.champion()).manifest.modelVersion, trained);
});

test('attributes that say nothing do not lead, and the version without them does', async () => {
  const { models, lift, trained, champion } = await runBook('says-nothing');
  assert.ok(lift.lift.lower <= 0, JSON.stringify(lift.lift));
  assert.deepEqual([champion.modelVersion, inputsOf(champion)], [lift.challenger, ['income']]);
  await models.approve(trained, 'validator', 'sound');
  await assert.rejects(models.promote(trained, 'manager', 'I want it'), refused('forbidden', /holds 0.*|impact ratio/));
});

test('attributes that help and harm a group do not lead', async () => {
  const { registry, models, lift, trained, champion } = await runBook('harms');
  assert.ok(lift.lift.lower > 0, JSON.stringify(lift.lift));
  assert.ok(lift.groups[0]!.airWith!.value < lift.groups[0]!.airWithout!.value);
  assert.equal(champion.modelVersion, lift.challenger);
  await models.approve(trained, 'validator', 'sound');
  await assert.rejects(
    models.promote(trained, 'manager', 'I want it'),
    refused('forbidden', /impact ratio of f \(sex\) falls/),
  );
  // promoted past the question for evidence: served it is not
  await registry.promote(trained, 'manager', 'I want it');
  await assert.rejects(models.champion(), refused('forbidden', /impact ratio/));
});

test('evidence that was edited, or of another version, carries nobody', async () => {
  const { database } = opened;
  await assert.rejects(database.query(`UPDATE model_evidence SET body = replace(body, 'f', 'm')`));
  const [row] = await database.query<{ model_version: string; body: string }>(
    `SELECT model_version, body FROM model_evidence WHERE model_version LIKE 'plaza-harms-%'`,
  );
  const flattering = row!.body.replace(/"lower":[0-9.e-]+/, '"lower":0.2');
  await database.query(
    `INSERT INTO model_evidence (model_version, data_class, body, key_id, signature)
     SELECT model_version, data_class, $2, key_id, signature FROM model_evidence WHERE model_version = $1`,
    [row!.model_version, flattering],
  );
  const evidence = new ModelEvidence({ database, signer: openSigner(home), clock });
  await assert.rejects(evidence.of(row!.model_version), refused('tampered', /not what was measured/));
});
