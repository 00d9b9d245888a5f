/**
 * Opens every page of the navigation, and every tab that is a page of its own, in a real browser on the real server, and holds each to the
 * same promises: it stands without data; it says that it loads, that the server failed (and offers another try) and that a role may not
 * look; axe finds nothing serious in light and dark; each table leaves as CSV and each chart has its exports; it is reached and left by
 * keyboard with a visible focus; its address opens it again as it was. A page that is added to the navigation and not here fails.
 * The book is small and made here. It does not test what the pages say (see pages.test.ts and the others beside it).
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { fillTinyLake } from '../flow/support/tiny-lake.ts';
import { PASSWORD, startTinyServer, type TinyServer } from '../flow/support/tiny-server.ts';
import { findChromium, launchChromium, openWatchedPage, signIn } from './support/browser.ts';
import { buildWebApp } from './support/build-web-app.ts';

const chromium = findChromium();
const skip = chromium === undefined ? 'no Chromium on this machine (set ASSAY_CHROMIUM to one)' : false;

type Subject = {
  readonly path: string;
  /** Who may see it; compliance where nothing is said. */
  readonly as?: 'compliance' | 'validator';
  /** Asks the server for nothing before a person does something. */
  readonly quiet?: true;
  /** Changes by itself. */
  readonly live?: true;
};

const PAGES: readonly Subject[] = [
  { path: '/' },
  { path: '/applicants' },
  { path: '/score', as: 'validator' },
  { path: '/decisions' },
  { path: '/live', live: true },
  { path: '/reviews' },
  { path: '/fraud' },
  { path: '/notices' },
  { path: '/persons', quiet: true },
  { path: '/segments' },
  { path: '/vintages' },
  { path: '/provisions' },
  { path: '/strategy' },
  { path: '/strategy?tab=claims' },
  { path: '/policies' },
  { path: '/fairness' },
  { path: '/models' },
  { path: '/monitoring' },
  { path: '/pipeline' },
  { path: '/pipeline?tab=quality' },
  { path: '/pipeline?tab=lake' },
  { path: '/pipeline?tab=sql' },
  { path: '/audit' },
];

/** A page whose text stays for so long has all it waited for. */
const STILL_MS = 150;

let folder: string;
let server: TinyServer;
let browser: Browser;
const pages = new Map<string, Page>();

before(async () => {
  if (chromium === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'assay-browser-'));
  await buildWebApp(folder);
  server = await startTinyServer({ databasePort: 4753, webDirectory: folder });
  browser = await launchChromium(chromium);
  for (const username of ['compliance', 'validator']) pages.set(username, await signedIn(username));
});
after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function signedIn(username: string): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
  });
  const { page } = await openWatchedPage(context, [/./]);
  page.setDefaultTimeout(10_000);
  await page.goto(server.url);
  await signIn(page, username, PASSWORD);
  return page;
}

const pageFor = ({ as = 'compliance' }: Subject): Page => pages.get(as)!;

/** What stands on the page, once nothing more comes; how long it took is another thing each time. */
async function settledText(page: Page, isLive = false): Promise<string> {
  const loading = page.getByRole('status', { name: /^Loading/ });
  for (let before = ''; ; ) {
    while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'detached' });
    const text = ((await page.getByRole('main').textContent()) ?? '').replace(/\b[\d.]+ ms\b/g, 'some ms');
    if (isLive || (text === before && text !== '')) return text;
    before = text;
    await page.waitForTimeout(STILL_MS);
  }
}

/** Opens it and waits until it shows what it has. */
async function open(subject: Subject): Promise<Page> {
  const page = pageFor(subject);
  await page.goto(server.url + subject.path);
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
  await settledText(page, subject.live);
  return page;
}

/** Who is signed in is known; everything else meets `answer`. */
async function whileServer(page: Page, answer: (route: Route) => Promise<void>, work: () => Promise<void>) {
  const data = (url: URL) => url.pathname.startsWith('/api/v1/') && !url.pathname.endsWith('/session');
  await page.route(data, answer);
  try {
    await work();
  } finally {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
}

const refuse = (status: number, title: string) => (route: Route) =>
  route.fulfill({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: 'about:blank', title, status, detail: 'said by this test' }),
  });

test('the navigation has no page that is not looked at here', { skip }, async () => {
  const known = new Set(PAGES.map(({ path }) => path));
  for (const page of pages.values()) {
    const links = await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').all();
    for (const link of links)
      assert.ok(known.has((await link.getAttribute('href')) ?? ''), (await link.textContent()) ?? '');
  }
});

describe('before there is any data', { skip }, () => {
  for (const subject of PAGES) {
    test(subject.path, async () => {
      const page = await open(subject);
      const said = (await page.getByRole('main').textContent()) ?? '';
      assert.ok(said.length > 60, 'says why there is nothing');
      assert.doesNotMatch(said, /\b(?:NaN|undefined|null|Infinity)\b/);
      assert.equal(await page.getByText('Something went wrong').count(), 0);
    });
  }
});

describe('with a book', { skip }, () => {
  before(async () => {
    await fillTinyLake(server.lake, server.models, { now: () => new Date() });
    // what the pages remember of the empty lake is gone with their documents
    for (const page of pages.values()) await page.goto('about:blank');
  });
  for (const subject of PAGES) {
    test(`${subject.path}: waits, fails, refuses`, { skip: subject.quiet ? 'asks for nothing by itself' : false }, () =>
      hasStates(subject),
    );
    test(`${subject.path}: nothing serious for axe, exports, keyboard, address`, async () => {
      const page = await open(subject);
      const first = await settledText(page, subject.live);
      await hasExports(page);
      for (const scheme of ['light', 'dark'] as const) await isAccessible(page, scheme);
      await page.emulateMedia({ colorScheme: 'light' });
      await open(subject);
      if (!subject.live) assert.equal(await settledText(page), first, 'the address restores the view');
      await isReachedByKeyboard(page);
    });
  }
});

async function hasStates(subject: Subject): Promise<void> {
  const page = pageFor(subject);
  const goto = () => page.goto(server.url + subject.path);
  const held = Promise.withResolvers<void>();
  await whileServer(
    page,
    (route) => held.promise.then(() => route.abort()),
    async () => {
      await goto();
      await page
        .getByRole('status', { name: /^Loading/ })
        .first()
        .waitFor();
      held.resolve();
    },
  );
  await whileServer(page, refuse(500, 'Internal error'), async () => {
    await goto();
    await page.getByRole('alert').first().getByText('said by this test').waitFor();
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
  });
  await whileServer(page, refuse(403, 'Not allowed'), async () => {
    await goto();
    await page
      .getByRole('heading', { name: /^Your role may not see/ })
      .first()
      .waitFor();
  });
}

async function hasExports(page: Page): Promise<void> {
  for (const figure of await page.getByRole('main').locator('figure').all()) {
    assert.equal(await figure.getByRole('button', { name: /^Export/ }).count(), 1, (await figure.textContent()) ?? '');
  }
  for (const table of await page.getByRole('main').locator('table').all()) {
    const section = table.locator('xpath=ancestor::section[2]');
    assert.equal(await section.getByRole('button', { name: /^Export .* as CSV$/ }).count(), 1);
  }
}

async function isAccessible(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  // drawn in it, and no color still on its way to another
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const told = serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
  assert.deepEqual(told, [], colorScheme);
}

/** The first stop is the way past the navigation; the next ones are in the page, and each can be seen. */
async function isReachedByKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const seen = await page.evaluate(`(() => {
    const at = document.activeElement;
    if (at === document.body || !document.querySelector('main').contains(at)) return 'nothing to reach';
    const style = getComputedStyle(at);
    const frame = getComputedStyle(at.closest('[data-focus-frame]') ?? at.parentElement);
    const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || frame.outlineStyle !== 'none' ||
      style.borderColor !== frame.borderColor;
    return shown ? 'seen' : 'not seen: ' + at.outerHTML.slice(0, 200);
  })()`);
  assert.match(String(seen), /^(?:seen|nothing to reach)$/);
}
