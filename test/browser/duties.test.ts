/**
 * Walks through the pages of the second pair of eyes, in a real browser on the real server: a case is taken, decided and seconded
 * from the review queue; a policy is tried, proposed, refused to its maker and approved by another; a refused event is tried again until it is taken; the audit page says what the API
 * says. Any console error and any violation of the content security policy fails it. It does not test how pages look.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  auditStatusSchema,
  consentsSchema,
  decisionListSchema,
  policiesSchema,
  reviewsSchema,
} from '../../src/api/index.ts';
import { signedIn } from '../flow/support/call.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { findChromium, launchChromium, openWatchedPage, signIn, type Watched } from './support/browser.ts';
import { buildWebApp } from './support/build-web-app.ts';

const chromium = findChromium();
const skip = chromium === undefined ? 'no Chromium on this machine (set ASSAY_CHROMIUM to one)' : false;
/** The browser reports refused requests; these are meant. */
const EXPECTED = [/status of 401/, /status of 404.*example/, /status of 409/];

let folder: string;
let server: TinyServer;
let browser: Browser;
const watched: Watched[] = [];
const call = signedIn(() => server);

before(async () => {
  if (chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'assay-duties-'));
  await buildWebApp(folder);
  server = await startTinyServer({ databasePort: 4788, webDirectory: folder });
  browser = await launchChromium(chromium);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function pageOf(user: string, path: string): Promise<Page> {
  const opened = await openWatchedPage(await browser.newContext({ viewport: { width: 1280, height: 900 } }), EXPECTED);
  watched.push(opened);
  opened.page.setDefaultTimeout(15_000);
  await opened.page.goto(server.url);
  await signIn(opened.page, user, PASSWORD);
  await opened.page.goto(server.url + path);
  return opened.page;
}

test('a case is taken, decided against the submitter’s own eyes, and seconded by another', { skip }, async () => {
  const body = { borrowerId: 'b1', amountMinor: 200_000, attributes: { arrears: 1, purpose: 'car' } };
  assert.equal((await call('underwriter', 'POST', '/applications', body)).status, 201);
  const page = await pageOf('underwriter', '/reviews');
  await page.getByRole('region', { name: 'Cases', exact: true }).getByRole('link').first().click();
  await page.getByRole('button', { name: 'Take this case' }).click();
  const decide = page.getByRole('button', { name: 'Decide' });
  assert.equal(await decide.isDisabled(), true);
  await page.getByRole('combobox', { name: 'Main reason' }).click();
  await page.getByRole('option', { name: 'Income verified by documents' }).click();
  await page.getByLabel('Why (at least 10 characters)').fill('Three payslips seen.');
  await decide.click();
  await page.getByText('This case waits for a second person').waitFor();

  const second = await pageOf('manager', '/reviews?status=second');
  await second.getByRole('region', { name: 'Cases', exact: true }).getByRole('link').first().click();
  await second.getByLabel('Why (at least 10 characters)').fill('Seen and agreed.');
  await second.getByRole('button', { name: 'Agree' }).click();
  await second.getByText('A case is decided once').waitFor();
  const { rows } = reviewsSchema.parse(await (await call('compliance', 'GET', '/reviews?status=decided')).json());
  assert.deepEqual(
    rows.map(({ outcome, firstBy, secondBy }) => [outcome, firstBy, secondBy]),
    [['approved', 'underwriter', 'manager']],
  );
});

test('a policy is tried and proposed by one person, and approved by another', { skip }, async () => {
  const page = await pageOf('manager', '/policies/new');
  const cases = [{ name: 'too risky', facts: { pd: 0.9 }, expected: { outcome: 'declined', rules: ['pd-too-high'] } }];
  await page.getByLabel('Cases as JSON').fill(JSON.stringify(cases));
  await page.getByRole('button', { name: 'Try it on its cases' }).click();
  await page.getByText('1 of 1 hold').waitFor();
  await page.getByLabel('Why').fill('A case for the cut-off.');
  await page.getByRole('button', { name: 'Propose' }).click();
  await page.waitForURL(/policies\/tiny-1-next/);

  const checker = await pageOf('compliance', '/policies');
  await checker.getByRole('link', { name: 'tiny-1-next' }).click();
  await checker.getByLabel('Why').fill('The cases hold.');
  await checker.getByRole('button', { name: 'Approve and make it live' }).click();
  await checker.getByText('approved by').waitFor();
  const { live } = policiesSchema.parse(await (await call('modeller', 'GET', '/policies')).json());
  assert.equal(live, 'tiny-1-next');
});

test('an event that was refused is tried again on the live page, and put on the stream once', { skip }, async () => {
  const row = { application_id: 'late-1', borrower_id: 'b9', applied_at: '2026-01-02 03:04:05', amount_minor: 5_000 };
  const payload = { ...row, income_minor: 100_000, arrears: 0, purpose: 'boat' };
  const event = { source: 'table:loan_applications', eventId: 'crm-1', payload };
  assert.equal((await call('engineer', 'POST', '/events', event)).status, 400);
  const page = await pageOf('engineer', '/live');
  const letters = page.getByRole('region', { name: 'Dead letters' });
  await letters.getByText('not one of the allowed values').waitFor();
  await letters.getByRole('button', { name: 'Try all again' }).click();
  await letters.getByText('0 applied, 0 were there already, 1 still refused').waitFor();
  // as if the source had been mended: what came then can be read now
  await server.database.query(
    "UPDATE dead_letters SET original = convert_to(replace(convert_from(original, 'UTF8'), 'boat', 'car'), 'UTF8')",
  );
  await letters.getByRole('button', { name: 'Try again', exact: true }).click();
  await letters.getByText('1 applied, 0 were there already, 0 still refused').waitFor();
  await letters.getByText('None.').waitFor();
  await letters.getByText('Redriven', { exact: true }).click();
  await letters.getByText('not one of the allowed values').waitFor();
  const [found] = await server.database.query<{ n: number }>(
    'SELECT sum(next_sequence - 1)::bigint AS n FROM stream_shards',
  );
  assert.equal(found?.n, 1);
});

test('the audit page says what the API says, and shows who did what', { skip }, async () => {
  const page = await pageOf('compliance', '/audit');
  const status = auditStatusSchema.parse(await (await call('compliance', 'GET', '/audit')).json());
  for (const { register, records } of status.registers) {
    const tile = await page.locator(`[data-figure="records-${register}"]`).textContent();
    assert.ok(tile?.includes(String(records)), `${register}: ${tile}`);
  }
  await page.getByRole('cell', { name: 'Policy live' }).first().waitFor();
});

test('a person is found, held, freed by another, corrected; a consent is given and taken back; no address names them', {
  skip,
}, async () => {
  const find = async (user: string): Promise<Page> => {
    const page = await pageOf(user, '/persons');
    await page.getByLabel('Borrower reference').fill('b1');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('Kept at least until').waitFor();
    return page;
  };
  const compliance = await find('compliance');
  await compliance.getByLabel('Platform', { exact: true }).fill('plaza');
  await compliance.getByLabel('Whether the platform verified the identity').check();
  await compliance.getByLabel('Days it holds').fill('30');
  await compliance.getByLabel('Version of the text').fill('v1');
  const keep = compliance.getByRole('button', { name: 'Keep this consent' });
  assert.equal(await keep.isDisabled(), true);
  await compliance
    .getByLabel('The text as it was shown')
    .fill('I agree that Plaza says whether my identity was verified.');
  await compliance.getByLabel('How it was given').fill('signed form 17');
  await keep.click();
  await compliance.getByText('Kept under text v1').waitFor();
  const kept = consentsSchema.parse(await (await call('compliance', 'GET', '/persons/b1/consents')).json());
  assert.deepEqual(
    kept.rows.map(({ platform, scope, evidence, recordedBy }) => [platform, scope, evidence, recordedBy]),
    [['plaza', ['is_verified'], 'signed form 17', 'compliance']],
  );
  await compliance.getByRole('button', { name: 'Take back' }).click();
  await compliance.getByRole('cell', { name: 'taken back' }).waitFor();
  assert.equal(await compliance.getByRole('button', { name: 'Erase this person' }).isDisabled(), true);
  await compliance.getByLabel('Why').fill('The court asks for the file.');
  await compliance.getByRole('button', { name: 'Place a legal hold' }).click();
  await compliance.getByRole('button', { name: 'Lift the legal hold' }).waitFor();
  await compliance.getByLabel('I checked who asks').check();
  await compliance.getByRole('button', { name: 'Erase this person' }).click();
  await compliance.getByText('a legal hold stands on this person').first().waitFor();
  assert.ok(!compliance.url().includes('b1'), compliance.url());

  const underwriter = await find('underwriter');
  assert.equal(await underwriter.getByRole('button', { name: 'Erase this person' }).count(), 0);
  const list = decisionListSchema.parse(await (await call('underwriter', 'GET', '/decisions?borrowerId=b1')).json());
  await underwriter.getByLabel('Decision').fill(list.rows[0]!.decisionId);
  await underwriter.getByRole('combobox', { name: 'Field' }).click();
  await underwriter.getByRole('option', { name: 'arrears' }).click();
  await underwriter.getByLabel('Corrected value').fill('20');
  await underwriter.getByLabel('Why it is corrected').fill('The bureau mixed up two persons.');
  await underwriter.getByRole('button', { name: 'Correct' }).click();
  // the application says nothing of the income: a person decides
  await underwriter.getByText('Decided anew: referred').waitFor();
});

test('the browser had nothing to complain about', { skip }, () => {
  assert.deepEqual(
    watched.flatMap(({ complaints }) => complaints),
    [],
  );
});
