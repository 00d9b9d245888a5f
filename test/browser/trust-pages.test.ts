/**
 * Walks through the Fraud page in a real browser on the real server: the queue, a case taken up, a reason that is too short, the case settled,
 * and what was found as the precision of the queue; who may not decide looks on. The Fairness page is opened by who may see groups, and
 * refused to who may not. Any console error and any violation of the content security policy fails it. It does not test how a book is
 * scanned nor how figures are computed.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { column, type Portfolio } from '../../src/domain/index.ts';
import { openWarehouse } from '../../src/platform/index.ts';
import { tinyPortfolio } from '../flow/support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { findChromium, launchChromium, openWatchedPage, signIn, type Watched } from './support/browser.ts';
import { buildWebApp } from './support/build-web-app.ts';

const chromium = findChromium();
const skip = chromium === undefined ? 'no Chromium on this machine (set ASSAY_CHROMIUM to one)' : false;
const EXPECTED = [/status of 401/, /status of 403/];

const [source] = tinyPortfolio.sources;
const [target, outcomes] = source!.targets;
const columns = [...target!.table.columns, column.text('device', { nullable: true })];
const portfolio: Portfolio = {
  ...tinyPortfolio,
  sources: [{ ...source!, targets: [{ ...target!, table: { ...target!.table, columns } }, outcomes!] }],
  fraud: {
    links: [
      {
        ...{ id: 'device', kind: 'device', columns: ['device'], windowDays: 60, ordinary: 0, weight: 0.6 },
        text: 'Same device',
      },
    ],
  },
};

let folder: string;
let server: TinyServer;
let browser: Browser;
let watched: Watched;
let page: Page;

before(async () => {
  if (chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'assay-browser-'));
  await buildWebApp(folder);
  server = await startTinyServer({ databasePort: 4719, webDirectory: folder, portfolio });
  await fillRing();
  browser = await launchChromium(chromium);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  watched = await openWatchedPage(context, EXPECTED);
  page = watched.page;
  page.setDefaultTimeout(10_000);
  await page.goto(server.url);
  await signIn(page, 'underwriter', PASSWORD);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Four borrowers from one device; the first keeps it. */
async function fillRing(): Promise<void> {
  const path = server.lake.path('processed/loan_applications/dt=all/part-0.parquet');
  await mkdir(dirname(path), { recursive: true });
  const given = ['application_id', 'borrower_id', 'applied_at', 'amount_minor', 'term_months', 'device', 'source_row'];
  const empty = columns.filter(({ name }) => !given.includes(name)).map(({ name }) => `NULL::VARCHAR AS ${name}`);
  const rows = [1, 2, 3, 4].map((i) => `('A${i}', 'B${i}', TIMESTAMP '2024-03-0${i}', 100000, 12, 'one', ${i})`);
  const warehouse = await openWarehouse({ threads: 1 });
  await warehouse.run(
    `COPY (SELECT ${['*', ...empty].join(', ')} FROM (VALUES ${rows.join(', ')}) t(${given.join(', ')})) TO '${path}' (FORMAT parquet)`,
  );
  await warehouse.close();
  await server.lake.put('processed/_quality/funnel.json', '{}');
}

const figure = (key: string) => page.locator(`[data-figure="${key}"]`);

test('a suspicious application is taken up, settled with a reason, and counts', { skip }, async () => {
  await page.goto(`${server.url}/fraud`);
  await figure('scanned').getByText('4', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'Queue' }).getByRole('link', { name: 'A3', exact: true }).click();
  await page.waitForURL(/case=A3/);
  await page.getByText('Nobody has this case.').waitFor();
  await page.getByRole('button', { name: 'Take this case' }).click();
  await page.getByText(/underwriter has this case until/).waitFor();
  await page.getByText('Fraud confirmed', { exact: true }).click();
  await page.getByLabel('Why').fill('short');
  assert.ok(await page.getByRole('button', { name: 'Settle', exact: true }).isDisabled());
  await page.getByLabel('Why').fill('Three people, one telephone, one address that is a car park.');
  await page.getByRole('button', { name: 'Settle', exact: true }).click();
  await page.getByText(/Fraud confirmed by underwriter/).waitFor();
  const results = page.getByRole('region', { name: 'Is the signal right?', exact: true });
  await results.getByText('too few').waitFor();
  assert.match((await results.textContent()) ?? '', /Device1000?/);
});

test('a link restores the case, and who may not decide looks on', { skip }, async () => {
  await page.context().clearCookies();
  await page.goto(`${server.url}/fraud?case=A3`);
  await signIn(page, 'admin', PASSWORD);
  await page.getByText(/Fraud confirmed by underwriter/).waitFor();
  await page.getByText('Your role looks on.').waitFor();
});

test('fairness is for those who answer for it', { skip }, async () => {
  await page.goto(`${server.url}/fairness`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page
    .getByText(/may not|permission|role/i)
    .first()
    .waitFor();
  await page.context().clearCookies();
  await page.goto(`${server.url}/fairness`);
  await signIn(page, 'compliance', PASSWORD);
  await page.getByRole('heading', { level: 1, name: 'Fairness' }).waitFor();
});

test('nothing went wrong on the way', { skip }, () => assert.deepEqual(watched.complaints, []));
