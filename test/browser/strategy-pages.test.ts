/**
 * Walks through the pages of those who steer a book, in a real browser on the real server: a strategy moved by keys and its figures, held
 * against the scored book itself; a link that restores the view; protected groups refused to those who may not see them; the live page
 * with an event sent and a bad one refused and tried again; monitoring and expected loss in their states. Any console error and any
 * violation of the content security policy fails it. It does not test how fast the bench is (bench/strategy-page.ts).
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { driftSchema, strategyBookSchema } from '../../src/api/index.ts';
import { BOOK_SIZE, fillTinyLake } from '../flow/support/tiny-lake.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { findChromium, launchChromium, openWatchedPage, signIn, type Watched } from './support/browser.ts';
import { buildWebApp } from './support/build-web-app.ts';

const chromium = findChromium();
const skip = chromium === undefined ? 'no Chromium on this machine (set ASSAY_CHROMIUM to one)' : false;
const DATABASE_PORT = 4715;
const EXPECTED = [/status of 401/];

let folder: string;
let server: TinyServer;
let browser: Browser;
let watched: Watched;
let page: Page;

before(async () => {
  if (chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'assay-browser-'));
  await buildWebApp(folder);
  server = await startTinyServer({ databasePort: DATABASE_PORT, webDirectory: folder });
  await fillTinyLake(server.lake, server.models, { now: () => new Date() });
  browser = await launchChromium(chromium);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  watched = await openWatchedPage(context, EXPECTED);
  page = watched.page;
  page.setDefaultTimeout(10_000);
  await page.goto(server.url);
  await signIn(page, 'manager', PASSWORD);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function ask(path: string): Promise<unknown> {
  const response = await page.request.get(`${server.url}/api/v1${path}`);
  assert.equal(response.status(), 200, path);
  return response.json();
}

const figure = (key: string) => page.locator(`[data-figure="${key}"]`);
const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;
const unpack = (packed: string): ArrayBuffer => Uint8Array.from(Buffer.from(packed, 'base64')).buffer;

/** Mean PD of the safest applications, from the book as the API gives it. */
async function meanPdOfSafest(rows: number): Promise<number> {
  const book = strategyBookSchema.parse(await ask('/strategy/book'));
  const pds = new Uint16Array(unpack(book.columns.pd)).slice(0, rows);
  return pds.reduce((sum, pd) => sum + pd, 0) / 65_535 / rows;
}

test('a strategy moved by keys shows the figures of the book itself, and a link restores it', { skip }, async () => {
  await page.goto(`${server.url}/strategy`);
  await figure('approved').getByText('70.0 %', { exact: true }).waitFor();
  await figure('meanPd')
    .getByText(percent(await meanPdOfSafest(0.7 * BOOK_SIZE), 2), { exact: true })
    .waitFor();
  const slider = page.getByLabel('Approve without a person');
  await slider.focus();
  for (let press = 0; press < 2; press++) await slider.press('PageDown');
  const approve = Number(await slider.inputValue());
  assert.ok(approve < 0.7 && approve > 0.4, String(approve));
  const rows = Math.round(approve * BOOK_SIZE);
  await figure('approved')
    .getByText(percent(rows / BOOK_SIZE), { exact: true })
    .waitFor();
  await figure('meanPd')
    .getByText(percent(await meanPdOfSafest(rows), 2), { exact: true })
    .waitFor();
  await page.waitForURL((url) => url.searchParams.get('approve') === String(approve));
  await page.reload();
  await figure('approved')
    .getByText(percent(rows / BOOK_SIZE), { exact: true })
    .waitFor();
  assert.equal(Number(await page.getByLabel('Approve without a person').inputValue()), approve);
});

test('a filter narrows what is looked at', { skip }, async () => {
  await page.goto(`${server.url}/strategy?filter=${encodeURIComponent('loan_purpose=car')}`);
  const book = strategyBookSchema.parse(await ask('/strategy/book'));
  const purpose = book.dimensions.find(({ name }) => name === 'loan_purpose')!;
  const cars = new Uint8Array(unpack(purpose.codes)).filter((code) => purpose.levels[code] === 'car').length;
  await figure('applications').getByText(String(cars), { exact: true }).waitFor();
});

test('protected groups are not shown to a role that may not see them', { skip }, async () => {
  await page.goto(`${server.url}/strategy`);
  await page.getByText('Your role does not see protected attributes').waitFor();
  assert.equal((await page.request.get(`${server.url}/api/v1/strategy/groups`)).status(), 403);
});

test('the live page shows the stream; without an incumbent and without loans the other pages say so', {
  skip,
}, async () => {
  await page.goto(`${server.url}/live`);
  await figure('letters').getByText('0', { exact: true }).waitFor();
  await page.getByText('No event has been applied since the last snapshot.').waitFor();
  await page.goto(`${server.url}/strategy?tab=claims`);
  await page.getByText('No incumbent rule to compare with').waitFor();
  await page.goto(`${server.url}/vintages`);
  await page.getByText('No monthly reports of loans').waitFor();
  await page.goto(`${server.url}/provisions`);
  await page.getByText('No open loans').waitFor();
});

test('monitoring shows what the API says', { skip }, async () => {
  const { drift } = driftSchema.parse(await ask('/monitoring/drift'));
  await page.goto(`${server.url}/monitoring`);
  await figure('alarms').getByText(String(drift?.alarms.length), { exact: true }).waitFor();
  assert.equal(drift?.months.length, 6);
});

test('no page complained', { skip }, () => assert.deepEqual(watched.complaints, []));
