/**
 * Takes a picture of each page in light, dark and narrow, from a server that already runs.
 *   node test/browser/screenshots.ts http://127.0.0.1:4680 USER PASSWORD FOLDER [page …]
 * Prints what the browser complained about. Checks nothing: it is for looking.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launchChromium, openWatchedPage, signIn } from './support/browser.ts';

type View = {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
};

const VIEWS: readonly View[] = [
  { name: 'light', colorScheme: 'light', width: 1440, height: 900 },
  { name: 'dark', colorScheme: 'dark', width: 1440, height: 900 },
  { name: 'narrow', colorScheme: 'light', width: 390, height: 844 },
];

/** Where each picture is taken; a function opens what has no fixed address. */
const PAGES: Readonly<Record<string, string | ((page: Page, url: string) => Promise<void>)>> = {
  overview: '/',
  applicants: '/applicants',
  applicant: openFirst('/applicants', 'Applications'),
  score: scoreExample,
  decisions: '/decisions',
  decision: openFirst('/decisions', 'Decision records'),
  segments: '/segments',
  strategy: '/strategy',
  claims: '/strategy?tab=claims',
  live: '/live',
  monitoring: '/monitoring',
  fairness: '/fairness',
  fraud: '/fraud',
  vintages: '/vintages',
  provisions: '/provisions',
  reviews: '/reviews',
  notices: '/notices',
  review: openFirst('/reviews', 'Cases'),
  policies: '/policies',
  policy: openFirst('/policies', 'Versions'),
  proposePolicy: '/policies/new',
  audit: '/audit',
  models: '/models',
  champion: openFirst('/models', 'Model versions'),
  scorecard: openNamed('/models', 'Scorecard'),
  logistic: openNamed('/models', 'Logistic regression'),
  pipeline: '/pipeline',
  quality: '/pipeline?tab=quality',
  lake: '/pipeline?tab=lake',
  sql: askedSql,
  persons: '/persons',
};

function openFirst(path: string, table: string) {
  return async (page: Page, url: string) => {
    await page.goto(url + path);
    await page.getByRole('region', { name: table, exact: true }).getByRole('link').first().click({ timeout: 5000 });
  };
}

function openNamed(path: string, link: string) {
  return async (page: Page, url: string) => {
    await page.goto(url + path);
    await page.getByRole('link', { name: link, exact: true }).first().click({ timeout: 5000 });
  };
}

async function scoreExample(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/score`);
  await page.getByRole('button', { name: 'Score only' }).click({ timeout: 5000 });
}

async function askedSql(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/pipeline?tab=sql`);
  await page.getByRole('button', { name: 'Run', exact: true }).click({ timeout: 5000 });
  await page.getByRole('region', { name: 'Result', exact: true }).waitFor({ timeout: 8000 });
}

async function takeView(browser: Browser, view: View, pages: readonly string[]): Promise<void> {
  const context = await browser.newContext({
    colorScheme: view.colorScheme,
    viewport: { width: view.width, height: view.height },
  });
  const { page, complaints } = await openWatchedPage(context);
  await page.goto(url);
  await page.waitForURL(/sign-in/);
  await page.screenshot({ path: join(folder, `sign-in.${view.name}.png`) });
  await signIn(page, user, password);
  for (const name of pages) {
    const open = PAGES[name];
    try {
      if (typeof open === 'string') await page.goto(url + open);
      else await open?.(page, url);
      await page.waitForLoadState('networkidle', { timeout: 8000 }).catch(() => undefined);
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(folder, `${name}.${view.name}.png`), fullPage: true });
      console.log(`${name}.${view.name}.png`, await overflowOf(page));
    } catch (error) {
      console.log(`${name}.${view.name}: not taken: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    }
  }
  for (const complaint of new Set(complaints)) console.log(`  ${view.name} complained: ${complaint}`);
  await context.close();
}

/** A page must scroll within its tables, never sideways as a whole. */
async function overflowOf(page: Page): Promise<string> {
  const widths = await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
  const [content, screen] = Array.isArray(widths) ? widths.map(Number) : [];
  return (content ?? 0) > (screen ?? 0) ? `WIDER than the screen: ${content} > ${screen}` : '';
}

const [url = '', user = '', password = '', folder = '', ...chosen] = process.argv.slice(2);
const executable = findChromium();
if (folder === '' || executable === undefined) {
  console.error(
    executable === undefined ? 'no Chromium found' : 'usage: screenshots.ts URL USER PASSWORD FOLDER [page …]',
  );
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const browser = await launchChromium(executable);
const views = VIEWS.filter(({ name }) => process.env['VIEWS'] === undefined || process.env['VIEWS'].includes(name));
for (const view of views) await takeView(browser, view, chosen.length > 0 ? chosen : Object.keys(PAGES));
await browser.close();
