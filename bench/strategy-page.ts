/**
 * How long the Strategy page takes from a key on a slider to the frame that shows the new figures, in a real Chromium, over a book of a
 * million applications (or --rows N). Server, page, worker and charts are the real ones; only the answer with the book is put in
 * by the test, since a million applications would take minutes to score.
 *
 * Run: node bench/strategy-page.ts [--rows 1000000] [--keys 60] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StrategyBook } from '../src/api/contract.ts';
import { findChromium, launchChromium, openWatchedPage, signIn } from '../test/browser/support/browser.ts';
import { buildWebApp } from '../test/browser/support/build-web-app.ts';
import { PASSWORD, startTinyServer } from '../test/flow/support/tiny-server.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    keys: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
const KEYS = Number(values.keys);
const DATABASE_PORT = 4714;
const GOAL_MS = 33;

const base64 = (array: Uint8Array | Uint16Array | Float32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');

/** Pds like those of a scored book, outcomes by them, three dimensions to narrow by. */
function millionBook(): StrategyBook {
  const pd = Float64Array.from({ length: ROWS }, (_, i) => 0.002 + 0.6 * ((i + 0.5) / ROWS) ** 3);
  const hash = (i: number, salt: number): number => (Math.imul(i + salt, 2_654_435_761) >>> 0) / 2 ** 32;
  const codes = (levels: number, salt: number) =>
    base64(Uint8Array.from({ length: ROWS }, (_, i) => Math.floor(levels * hash(i, salt))));
  const dimension = (name: string, levels: number, salt: number) => ({
    name,
    title: name,
    unit: 'category',
    levels: Array.from({ length: levels }, (_, level) => `${name} ${level}`),
    codes: codes(levels, salt),
  });
  return {
    state: 'ready',
    snapshot: { id: 'bench', builtAt: '2026-01-01T00:00:00Z' },
    currency: 'EUR',
    assumedLgd: 0.45,
    rows: ROWS,
    decisions: ['approved', 'counter_offer', 'referred', 'declined'],
    columns: {
      pd: base64(Uint16Array.from(pd, (value) => Math.round(value * 65_535))),
      amountMinor: base64(Float32Array.from({ length: ROWS }, (_, i) => 100_000 + Math.floor(4_000_000 * hash(i, 1)))),
      outcome: base64(
        Uint8Array.from({ length: ROWS }, (_, i) => (hash(i, 2) < 0.2 ? 2 : hash(i, 3) < pd[i]! ? 1 : 0)),
      ),
      decision: codes(4, 4),
      interest: base64(Uint16Array.from(pd, (value) => Math.round(10_000 * (0.05 + value)))),
    },
    dimensions: [dimension('purpose', 7, 5), dimension('housing', 4, 6), dimension('term', 5, 7)],
  };
}

type Timings = { readonly total: number[]; readonly compute: number[] };

/** From the input to the first frame drawn after it. A key that comes before the last one is drawn would hide a queue, so each waits. */
const TIMINGS = `(() => {
  const marks = performance.getEntriesByType('mark').filter(({ name }) => name.startsWith('strategy:'));
  const total = [], compute = [];
  let input;
  for (const mark of marks) {
    if (mark.name === 'strategy:input') input = mark.startTime;
    else if (input !== undefined) { total.push(mark.startTime - input); compute.push(mark.detail); input = undefined; }
  }
  return { total, compute };
})()`;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

const executable = findChromium();
if (executable === undefined) throw new Error('no Chromium on this machine: set ASSAY_CHROMIUM to one');
const folder = await mkdtemp(join(tmpdir(), 'assay-bench-strategy-'));
await buildWebApp(folder);
const server = await startTinyServer({ databasePort: DATABASE_PORT, webDirectory: folder });
const browser = await launchChromium(executable);
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const { page } = await openWatchedPage(context);
  const body = JSON.stringify(millionBook());
  await page.route('**/api/v1/strategy/book', (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto(server.url);
  await signIn(page, 'manager', PASSWORD);
  const opened = performance.now();
  await page.goto(`${server.url}/strategy`);
  await page.locator('[data-figure="approved"]').waitFor({ timeout: 60_000 });
  const loadMs = performance.now() - opened;
  const measured: Record<string, Timings> = {};
  for (const [name, prepare] of [
    ['cut-off', async () => undefined],
    ['cut-off, filtered', async () => void (await page.getByLabel('Amount from, EUR').fill('5000'))],
  ] as const) {
    await prepare();
    await page.waitForTimeout(1000);
    await page.evaluate('performance.clearMarks()');
    const slider = page.getByLabel('Approve without a person');
    await slider.focus();
    for (let key = 0; key < KEYS; key++) {
      await slider.press(key % 2 === 0 ? 'ArrowRight' : 'PageDown');
      await page.waitForTimeout(120);
    }
    measured[name] = (await page.evaluate(TIMINGS)) as Timings;
  }
  const rows = Object.entries(measured).map(([name, { total, compute }]) => {
    const [sorted, computed] = [total, compute].map((list) => list.toSorted((a, b) => a - b));
    return {
      name,
      keys: total.length,
      drawnMsP10: quantile(sorted!, 0.1),
      drawnMsP50: quantile(sorted!, 0.5),
      drawnMsP95: quantile(sorted!, 0.95),
      computeMsP50: quantile(computed!, 0.5),
    };
  });
  if (values.json) console.log(JSON.stringify({ rows: ROWS, loadMs, measured: rows }, null, 2));
  else {
    console.log(`${ROWS} applications, page loaded and drawn in ${(loadMs / 1000).toFixed(1)} s`);
    for (const row of rows)
      console.log(
        `${row.name}: input to drawn p10 ${row.drawnMsP10.toFixed(1)} ms, p50 ${row.drawnMsP50.toFixed(1)} ms, p95 ${row.drawnMsP95.toFixed(1)} ms, of which recomputed ${row.computeMsP50.toFixed(1)} ms (${row.keys} keys; goal ${GOAL_MS} ms)`,
      );
  }
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
