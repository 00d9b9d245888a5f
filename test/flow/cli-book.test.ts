/**
 * The commands that work on a trained book, through the door a user takes, on a small simulated bank: train, models (list,
 * show, approve with maker and checker, promote, rollback, export), score against the API's own handler, bench, and a closed
 * pipe. Does not test what training computes nor every format of export (test/parity/scorecard-export.test.ts).
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { scoreResult, seedUsers } from '../../src/api/index.ts';
import { PolicyStore, scoreLoanApplication } from '../../src/decisions/index.ts';
import { openOnlineFeatures, registryModels } from '../../src/entrypoints/server/index.ts';
import { openSystem } from '../../src/entrypoints/system.ts';
import { catalogHash } from '../../src/features/index.ts';
import { findXgboost, loadConfig, REPOSITORY_ROOT, systemClock } from '../../src/platform/index.ts';

const DOOR = join(REPOSITORY_ROOT, 'bin', 'assay.js');
const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;

let home: string;
let environment: NodeJS.ProcessEnv;

type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function assay(args: readonly string[], input = ''): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DOOR, ...args], {
    encoding: 'utf8',
    env: environment,
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr };
}

function json(args: readonly string[]) {
  const { status, stdout, stderr } = assay([...args, '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

type Listed = { modelVersion: string; estimator: string; status: string; signatureValid: boolean };
const listed = (): Listed[] => json(['models', 'list']).models;
const versionOf = (estimator: string): Listed => listed().find((model) => model.estimator === estimator)!;

describe('a trained book', { skip }, () => {
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-cli-'));
    environment = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' };
    const { status, stderr } = assay(['up', '--once', '--borrowers', '1000']);
    assert.equal(status, 0, stderr);
    const config = loadConfig(environment, home);
    const system = await openSystem({ config, portfolio: 'simulated-bank', clock: systemClock });
    await seedUsers({ database: system.database, clock: systemClock, password: 'correct horse battery staple' });
    await system.close();
  });
  after(() => rm(home, { recursive: true, force: true }));

  test('versions are listed with their state, and one is shown with its history', () => {
    const all = listed();
    assert.equal(all.length, 4);
    assert.equal(all.filter(({ status }) => status === 'champion').length, 1);
    assert.ok(all.every(({ signatureValid }) => signatureValid));
    const champion = all.find(({ status }) => status === 'champion')!;
    const shown = json(['models', 'show', champion.modelVersion]);
    assert.deepEqual(
      shown.history.map(({ event }: { event: string }) => event),
      ['registered', 'approved', 'promoted'],
    );
    assert.match(assay(['models', 'show', champion.modelVersion]).stdout, /out_of_fold +AUC 0\.\d{4}.*defaults/);
    const unknown = assay(['models', 'show', 'no-such-version']);
    assert.deepEqual([unknown.status, unknown.stdout], [1, '']);
    assert.match(unknown.stderr, /no such model version; given: no-such-version; fix: /);
  });

  test('who made a version does not approve it, and only the role promotes; a rollback goes back', () => {
    const before = listed().find(({ status }) => status === 'champion')!;
    const [trained] = json(['train', '--estimator', 'scorecard', '--as', 'modeller']).versions;
    // the same data, code and seed: the version that the pipeline made
    assert.equal(trained.modelVersion, versionOf('scorecard').modelVersion);
    const { modelVersion } = before.estimator === 'scorecard' ? versionOf('logistic') : versionOf('scorecard');
    const change = (command: string, user: string) =>
      assay(['models', command, modelVersion, '--as', user, '--note', 'in a test']);
    assert.match(change('approve', 'modeller').stderr, /the role modeller may not do this: approve a candidate/);
    assert.match(change('approve', 'nobody').stderr, /no such user; given: nobody/);
    assert.match(change('promote', 'manager').stderr, /a candidate cannot be promoted/);
    assert.equal(change('approve', 'validator').status, 0);
    assert.match(change('approve', 'validator').stderr, /only a candidate can be approved/);
    assert.match(change('promote', 'validator').stderr, /role validator may not do this: make an approved version/);
    assert.equal(change('promote', 'manager').status, 0);
    assert.equal(listed().find(({ status }) => status === 'champion')!.modelVersion, modelVersion);
    assert.match(assay(['models', 'rollback', '--as', 'manager']).stderr, /--note/);
    const back = json(['models', 'rollback', '--as', 'manager', '--note', 'worse in a test']);
    assert.equal(back.modelVersion, before.modelVersion);
    assert.equal(listed().find(({ status }) => status === 'champion')!.modelVersion, before.modelVersion);
  });

  test('a version is exported, and refused in a format it does not have', async () => {
    const [boosted, card] = [versionOf('boosted').modelVersion, versionOf('scorecard').modelVersion];
    const path = join(home, 'boosted.json');
    assert.equal(assay(['models', 'export', boosted, '--format', 'xgboost', '--output', path]).status, 0);
    const stored = await readFile(join(home, 'models', boosted, 'model.json'));
    assert.deepEqual(await readFile(path), stored);
    const sql = assay(['models', 'export', card, '--format', 'sql', '--table', 'risk."Features"']);
    assert.match(sql.stdout, /^-- simulated-bank-scorecard-.*\nSELECT \*,[\s\S]*FROM risk\."Features"/);
    assert.match(assay(['models', 'export', card, '--format', 'pmml']).stdout, /<Scorecard modelName="simulated-bank-/);
    assert.equal(JSON.parse(assay(['models', 'export', card, '--format', 'json']).stdout).model.kind, 'scorecard');
    const refused = assay(['models', 'export', boosted, '--format', 'sql']);
    assert.match(refused.stderr, /cannot be written as sql; given: .*; allowed: sql: scorecard.*; fix: /);
    assert.equal(assay(['models', 'export', card, '--format', 'sql', '--table', 'x; DROP TABLE y']).status, 2);
  });

  test('for Spark a version is a folder: the plan, and the file of XGBoost with its checksum', async () => {
    const boosted = versionOf('boosted').modelVersion;
    const folder = join(home, 'for-spark');
    const written = json(['models', 'export', boosted, '--format', 'spark', '--output', folder]);
    assert.deepEqual(written, { modelVersion: boosted, output: folder });
    const [plan, model] = await Promise.all(['plan.json', 'model.json'].map((name) => readFile(join(folder, name))));
    assert.deepEqual(model, await readFile(join(home, 'models', boosted, 'model.json')));
    const { modelVersion, trees, sql } = JSON.parse(plan!.toString());
    assert.equal(modelVersion, boosted);
    assert.equal(trees.sha256, createHash('sha256').update(model!).digest('hex'));
    assert.match(sql, /AS grade\nFROM [\s\S]*FROM features\b/);
    const nowhere = assay(['models', 'export', boosted, '--format', 'spark']);
    assert.deepEqual([nowhere.status, nowhere.stdout], [1, '']);
    assert.match(
      nowhere.stderr,
      /the format spark is a folder of files; given: no --output; .*fix: add --output FOLDER/,
    );
  });

  test('a file is scored as over HTTP, with what is wrong told beside the row', async () => {
    const applications = [
      ['A1', 'C1', '500000', '24', 'car', '250000'],
      ['', 'C2', '1200000', '60', '', ''],
      ['=A3', 'nobody', '500000', '12', 'holiday', '1'],
      ['A4', 'C3', 'much', '24', 'yacht', '250000'],
    ];
    const header = 'application_id,borrower_id,amount_minor,term_months,purpose,declared_income_minor';
    const file = join(home, 'applications.csv');
    await writeFile(file, [header, ...applications.map((row) => row.join(','))].join('\n'));
    const { status, stdout, stderr } = assay(['score', file, '--json']);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /3 scored, 1 could not be scored/);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ line, error }) => [line, error !== undefined]),
      [
        [2, false],
        [3, false],
        [4, false],
        [5, true],
      ],
    );
    assert.match(lines[3].error, /amount_minor: must be a whole number of minor units/);
    assert.deepEqual(
      lines.slice(0, 3).map(({ missing }) => missing),
      [[], [], ['borrower']],
    );
    for (const [i, expected] of (await scoredByApi(applications.slice(0, 3))).entries()) {
      // the time of the book goes on with the clock, between one call and the other too
      assert.deepEqual({ ...lines[i], asOf: '' }, { line: i + 2, ...expected, asOf: '' });
    }
    const csv = assay(['score', '-', '--reasons'], `${header}\n${applications[2]!.join(',')}\n`);
    assert.equal(csv.status, 0, csv.stderr);
    assert.match(
      csv.stdout,
      /^line,application_id,.*,reasons,error\n2,'=A3,nobody,0\.\d+,\d+\.\d+,\w+,simulated-bank-/,
    );
    const wrong = assay(['score', '-'], 'borrower,amount\nC00001,5\n');
    assert.match(
      wrong.stderr,
      /not columns of loan_applications: borrower, amount; there is no borrower_id; allowed: /,
    );
  });

  test('who reads only the first line of a long answer closes the pipe without an error', async () => {
    const child = spawn(
      process.execPath,
      [DOOR, 'models', 'export', versionOf('boosted').modelVersion, '--format', 'xgboost'],
      {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.deepEqual([code, stderr], [0, '']);
  });
});

test('benches are listed by name; one that there is not is wrong use', () => {
  environment = process.env;
  const { stdout } = assay(['bench']);
  for (const name of ['scoring', 'shap', 'features', 'ingest', 'train'])
    assert.match(stdout, new RegExp(`^${name} `, 'm'));
  const wrong = assay(['bench', 'nothing']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /no such bench; given: nothing; allowed: .*scoring/);
});

/** What `POST /api/v1/scores` answers: its handler's two calls, on the same home. */
async function scoredByApi(applications: readonly string[][]) {
  const portfolio = await loadPortfolio('simulated-bank');
  const system = await openSystem({
    config: loadConfig(environment, home),
    portfolio: portfolio.name,
    clock: systemClock,
  });
  const { registry, signer, online, database } = system;
  const models = registryModels({
    ...{ registry, signer, clock: systemClock, portfolio: portfolio.name },
    catalogHash: catalogHash(portfolio.features),
  });
  const features = openOnlineFeatures({ store: online, portfolio });
  const policies = new PolicyStore({ database, clock: systemClock, portfolio });
  await policies.adopt(portfolio.policy, []);
  const results = [];
  for (const [applicationId, borrowerId, amountMinor, termMonths, purpose, income] of applications) {
    const attributes = { ...(purpose && { purpose }), ...(income && { declared_income_minor: Number(income) }) };
    const request = {
      borrowerId: borrowerId!,
      amountMinor: Number(amountMinor),
      termMonths: Number(termMonths),
      attributes,
    };
    const application = { ...request, ...(applicationId && { applicationId }) };
    const dependencies = { portfolio, models, features, policies, clock: systemClock };
    results.push(scoreResult(await scoreLoanApplication(dependencies, application)));
  }
  await system.close();
  return results;
}
