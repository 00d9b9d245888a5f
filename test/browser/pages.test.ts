/**
 * Walks through the pages as an underwriter does, in a real browser on the real server: sign-in, overview, applicants and
 * their filters, one application and its reasons, an application scored, changed, decided and replayed, segments, the model
 * comparison and the model's document, the pipeline, sign-out. The book is small and made here, by the real features, model and
 * credit policy. Figures on the page are compared with what the API says, and those of the API with SQL over the lake.
 * Any console error and any violation of the content security policy fails it.
 * It does not test how pages look (see screenshots.ts), nor a pipeline run.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  applicantSchema,
  applicantsSchema,
  decisionListSchema,
  modelsSchema,
  type Overview,
  overviewSchema,
  type PipelineDefinition,
  type PipelinePort,
} from '../../src/api/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { describeStateMachine } from '../../src/pipeline/index.ts';
import { openWarehouse, type Warehouse } from '../../src/platform/index.ts';
import { BOOK_SIZE, fillTinyLake, tinyApplication } from '../flow/support/tiny-lake.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { findChromium, launchChromium, openWatchedPage, signIn, type Watched } from './support/browser.ts';
import { buildWebApp } from './support/build-web-app.ts';

const chromium = findChromium();
const skip = chromium === undefined ? 'no Chromium on this machine (set ASSAY_CHROMIUM to one)' : false;
const DATABASE_PORT = 4789;
/** The browser reports refused requests; these are meant. */
const EXPECTED = [/status of 401/, /status of 403/, /status of 404.*applicants\/nobody/];

let folder: string;
let server: TinyServer;
let browser: Browser;
let watched: Watched;
let page: Page;
let warehouse: Warehouse;

before(async () => {
  if (chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'assay-browser-'));
  await buildWebApp(folder);
  server = await startTinyServer({ databasePort: DATABASE_PORT, webDirectory: folder, pipeline: pipelineOfNoRuns() });
  await fillTinyLake(server.lake, server.models, { now: () => new Date() });
  warehouse = await openWarehouse({ threads: 1 });
  browser = await launchChromium(chromium);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  watched = await openWatchedPage(context, EXPECTED);
  page = watched.page;
  page.setDefaultTimeout(10_000);
});

after(async () => {
  await browser?.close();
  await warehouse?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** The real state machine with an empty history. */
function pipelineOfNoRuns(): PipelinePort {
  const refuse = async () => {
    throw new AssayError('unavailable', { what: 'no pipeline runs in this test' });
  };
  return {
    definition: drawnStateMachine,
    runs: async () => [],
    run: async () => undefined,
    start: refuse,
    cancel: refuse,
  };
}

async function drawnStateMachine(): Promise<PipelineDefinition> {
  const { startAt, comment, states } = await describeStateMachine();
  return { startAt, comment, states: states.map((state) => ({ ...state, next: [...state.next] })) };
}

/** What the API says to the person signed in. */
async function ask(path: string): Promise<unknown> {
  const response = await page.request.get(`${server.url}/api/v1${path}`);
  assert.equal(response.status(), 200, path);
  return response.json();
}

const figure = (key: string) => page.locator(`[data-figure="${key}"]`);
const table = (name: string) => page.getByRole('region', { name, exact: true });
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const percent = (share: number, digits = 2) => `${(share * 100).toFixed(digits)} %`;
const open = (name: string) => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();

async function shows(key: string, text: string): Promise<void> {
  await figure(key).getByText(text, { exact: true }).waitFor();
}

test('a deep link asks for a sign-in, a wrong password is told, the right one leads to the page', {
  skip,
}, async () => {
  await page.goto(`${server.url}/segments`);
  await page.waitForURL(/sign-in/);
  await page.getByLabel('User name').fill('underwriter');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await signIn(page, 'underwriter', PASSWORD);
  await heading('Segments').waitFor();
});

test('the overview shows what the API says, and the API what SQL says', { skip }, async () => {
  await open('Overview');
  await heading('Portfolio overview').waitFor();
  const overview = overviewSchema.parse(await ask('/portfolio/overview'));
  const kpi = (key: string) => overview.kpis.find((one) => one.key === key)?.value ?? Number.NaN;
  const scores = server.lake.path('modeled/scores/scores.parquet');
  const [sql] = await warehouse.rows<{ rows: number; pd: number }>(
    `SELECT count(*)::INTEGER AS rows, avg(pd) AS pd FROM read_parquet('${scores}')`,
  );
  assert.equal(kpi('applications'), sql?.rows);
  assert.ok(Math.abs(kpi('meanPd') - (sql?.pd ?? 0)) < 1e-12);
  await shows('applications', String(BOOK_SIZE));
  await shows('meanPd', percent(kpi('meanPd')));
  await shows('defaultRate', percent(kpi('defaultRate')));
  await gradesAreShown(overview);
});

async function gradesAreShown(overview: Overview): Promise<void> {
  const rows = table('Book by grade').locator('tbody tr');
  assert.equal(await rows.count(), overview.grades.length);
  for (const [index, grade] of overview.grades.entries()) {
    const cells = await rows.nth(index).locator('td').allTextContents();
    assert.equal(cells[0], grade.grade);
    assert.equal(cells[1], String(grade.applications));
    assert.equal(cells[3], grade.meanPd === null ? '–' : percent(grade.meanPd));
  }
}

test('charts are drawn and leave as SVG, PNG and CSV', { skip }, async () => {
  const chart = page.getByRole('figure', { name: 'Grade distribution, with predicted and observed default' });
  assert.ok((await chart.locator('svg path').count()) > 10);
  const files: Record<string, Buffer> = {};
  for (const item of ['Picture (SVG)', 'Picture (PNG)', 'Figures (CSV)']) {
    await chart.getByRole('button', { name: /^Export/ }).click();
    const waiting = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: item }).click();
    const download = await waiting;
    files[download.suggestedFilename().split('.').at(-1) ?? ''] = await readFile(await download.path());
  }
  assert.match(String(files['svg']), /^<svg .*Grade \(best to worst\).*<\/svg>$/s);
  assert.deepEqual([...(files['png']?.subarray(1, 4) ?? [])], [...Buffer.from('PNG')]);
  assert.ok((files['png']?.length ?? 0) > 5000, 'a picture with something on it');
  assert.match(String(files['csv']), /^\uFEFFGrade,Applications,/);
});

test('applicants are searched, filtered and sorted, and the address restores the view', { skip }, async () => {
  await open('Applicants');
  const rows = table('Applications').locator('tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 25);
  await page.getByRole('button', { name: /^PD/ }).click();
  await page.waitForURL(/sort=pd/);
  await page.getByPlaceholder(/Application or borrower id/).fill('A00');
  await page.waitForURL(/search=A00/);
  const expected = applicantsSchema.parse(await ask('/portfolio/applicants?search=A00&sort=pd&direction=asc'));
  await page.getByText(`${expected.total} match.`).waitFor();
  await page.reload();
  await rows.first().waitFor();
  const shown = await rows.locator('td:first-child').allTextContents();
  assert.deepEqual(
    shown,
    expected.rows.map((row) => row.applicationId),
  );
});

test('an application shows its score, its reasons and the rules', { skip }, async () => {
  const id = tinyApplication(5).applicationId;
  await page.goto(`${server.url}/applicants/${id}`);
  const applicant = applicantSchema.parse(await ask(`/portfolio/applicants/${id}`));
  await shows('score', `${applicant.score.toFixed(0)} points`);
  await shows('pd', percent(applicant.pd));
  await shows('grade', applicant.grade);
  for (const reason of applicant.reasons) await page.getByText(reason.text).first().waitFor();
  assert.equal(await table('Credit policy, rule by rule').locator('tbody tr').count(), applicant.trace.length);
  assert.equal(await table('Features').locator('tbody tr').count(), applicant.features.length);
});

test('an application is scored, changed and scored again; nothing is stored', { skip }, async () => {
  await open('Score an application');
  await page.getByRole('button', { name: 'Fill in the example' }).click();
  await page.getByLabel(/^Arrears|arrears/i).fill('0');
  await page.getByRole('button', { name: 'Score only' }).click();
  await table('What if').locator('tbody tr').first().waitFor();
  await page.getByLabel(/^Arrears|arrears/i).fill('9');
  await page.getByRole('button', { name: 'Score only' }).click();
  const second = table('What if').locator('tbody tr').nth(1);
  await second.waitFor();
  assert.match((await second.locator('td').nth(1).textContent()) ?? '', /0 → 9/);
  assert.match((await second.locator('td').nth(3).textContent()) ?? '', /^−/, 'more arrears lower the score');
  assert.equal(decisionListSchema.parse(await ask('/decisions')).total, 0);
});

test('an application is decided: one record, its reasons, its replay bit for bit', { skip }, async () => {
  await page.getByRole('button', { name: 'Decide and record' }).click();
  const link = page.getByText('Recorded as decision').getByRole('link');
  await link.waitFor();
  const listed = decisionListSchema.parse(await ask('/decisions'));
  const [row] = listed.rows;
  assert.equal(listed.total, 1);
  assert.ok(row !== undefined);
  await shows('score', `${row.score.toFixed(0)} points`);
  await shows('pd', percent(row.pd));
  await link.click();
  await heading(`Decision ${row.decisionId}`).waitFor();
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.getByText('Identical, bit for bit').waitFor();
  await page.getByRole('link', { name: 'What if it were different?' }).click();
  await page.getByRole('button', { name: 'Score only' }).waitFor();
  assert.equal(await page.getByLabel(/^Arrears|arrears/i).inputValue(), '9');
});

test('segments, models and pipeline show what the API says', { skip }, async () => {
  await open('Segments');
  const segments = page.getByRole('region', { name: /^Segments by/ });
  await segments.locator('tbody tr').first().waitFor();
  const counts = await segments.locator('tbody tr td:nth-child(2)').allTextContents();
  assert.equal(
    counts.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0),
    BOOK_SIZE,
  );
  await open('Models');
  const { models } = modelsSchema.parse(await ask('/models'));
  const versions = table('Model versions').locator('tbody tr');
  await versions.first().waitFor();
  assert.equal(await versions.count(), models.length);
  await versions
    .first()
    .getByText(models[0]?.metrics['out_of_fold']?.auc.value.toFixed(3) ?? 'none')
    .first()
    .waitFor();
  await versions.first().getByText('Champion').waitFor();
  await versions.first().getByRole('link').click();
  await heading('Logistic regression').waitFor();
  await open('Data and pipeline');
  await page.getByRole('button', { name: /^Build features/ }).waitFor();
  await page.getByText('No run yet.').waitFor();
});

test('what does not exist is told with the problem of the API', { skip }, async () => {
  await page.goto(`${server.url}/applicants/nobody`);
  await page.getByRole('alert').getByText(/404/).waitFor();
});

test('colours follow the switch and stay', { skip }, async () => {
  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
  for (let turn = 0; turn < 3 && (await scheme()) !== 'dark'; turn += 1) {
    await page.getByRole('button', { name: /^Colours/ }).click();
  }
  assert.equal(await scheme(), 'dark');
  await page.reload();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  assert.equal(await scheme(), 'dark');
});

test('a session that ended leads to sign-in and back', { skip }, async () => {
  await page.goto(`${server.url}/models`);
  await heading('Models').waitFor();
  await page.context().clearCookies();
  await open('Segments');
  await page.getByText('Your session has ended').waitFor();
  await signIn(page, 'underwriter', PASSWORD);
  await heading('Segments').waitFor();
});

async function signOut(): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/sign-in/);
}

test('each role is offered what it may do, and told where it may not', { skip }, async () => {
  await page.goto(`${server.url}/models/${(await server.models.champion()).manifest.modelVersion}`);
  await heading('Logistic regression').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Model document' }).count(), 0, 'not for an underwriter');
  await signOut();
  await signIn(page, 'validator', PASSWORD);
  await open('Models');
  await table('Model versions').locator('tbody tr').first().getByRole('link').click();
  const document = await page.getByRole('link', { name: 'Model document' }).getAttribute('href');
  assert.equal((await page.request.get(server.url + document)).status(), 200);
  await signOut();
  await signIn(page, 'engineer', PASSWORD);
  assert.equal(
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Applicants' }).count(),
    0,
  );
  await page.goto(`${server.url}/applicants`);
  await page.getByText('Your role may not see the applicants').waitFor();
});

test('signs out, and nothing is left to see', { skip }, async () => {
  await signOut();
  assert.equal((await page.request.get(`${server.url}/api/v1/portfolio/overview`)).status(), 401);
});

test('the browser had nothing to complain about', { skip }, () => {
  assert.deepEqual(watched.complaints, []);
});
