import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { column, loanApplicationsTable, type Portfolio, type RawRecord } from '../../domain/index.ts';
import type { FraudContext } from '../../fraud/index.ts';
import { ingestPortfolio } from '../../ingestion/index.ts';
import { fixedClock, openLocalLake, openWarehouse } from '../../platform/index.ts';
import { openFraudQueue } from './fraud-queue.ts';

const table = {
  ...loanApplicationsTable,
  columns: [...loanApplicationsTable.columns, column.text('device', { nullable: true })],
};
const portfolio = {
  name: 'p',
  currency: 'EUR',
  fraud: {
    links: [
      {
        id: 'device',
        kind: 'device',
        columns: ['device'],
        windowDays: 60,
        ordinary: 0,
        weight: 0.6,
        text: 'Same device',
      },
    ],
  },
  sources: [
    {
      name: 'book',
      path: 'book.csv',
      format: 'csv',
      targets: [
        {
          table,
          map: (record: RawRecord) => ({
            application_id: record['id']!,
            borrower_id: record['who']!,
            applied_at: record['at']!,
            amount_minor: 100,
            term_months: 12,
            device: record['device']!,
          }),
        },
      ],
    },
  ],
} as unknown as Portfolio;

let home = '';
let context: FraudContext;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-fraud-queue-'));
  await writeFile(
    join(home, 'book.csv'),
    'id,who,at,device\nA1,B1,2024-01-01,d1\nA2,B2,2024-01-05,d1\nA3,B3,2024-01-07,D-1\nA4,B4,2024-01-08,d9\n',
  );
  const warehouse = await openWarehouse({ threads: 1 });
  context = { warehouse, lake: openLocalLake(join(home, 'lake')), portfolio };
});
after(async () => {
  await context.warehouse.close();
  await rm(home, { recursive: true, force: true });
});

test('a book has a queue once it is there, worst first, in pages', async () => {
  const queue = openFraudQueue(context);
  assert.equal((await queue.page({ limit: 10, offset: 0 })).state, 'empty');
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ ...context, dataDirectory: home, clock });
  const { rows, bands, total, scanned } = await queue.page({ limit: 10, offset: 0 });
  assert.deepEqual(
    rows.map(({ application }) => application.applicationId),
    ['A3', 'A2'],
  );
  assert.deepEqual(
    rows.map(({ signals }) => signals[0]?.value),
    [2, 1],
  );
  assert.deepEqual([bands, total, scanned], [{ low: 2, look: 1, high: 1 }, 2, 4]);
  assert.deepEqual(
    (await queue.page({ limit: 1, offset: 1 })).rows.map(({ application }) => application.applicationId),
    ['A2'],
  );
  assert.deepEqual(await queue.ranking(), ['A3', 'A2']);
  assert.equal((await queue.find('A2'))?.application.borrowerId, 'B2');
  // nothing suspicious in it: no case
  assert.equal(await queue.find('A1'), undefined);
});

test('the queue looks back: the first of a ring is in it once the others have come', async () => {
  const links = portfolio.fraud!.links.map((link) => ({ ...link, later: true as const }));
  const queue = openFraudQueue({ ...context, portfolio: { ...portfolio, fraud: { links } } });
  const { rows } = await queue.page({ limit: 10, offset: 0 });
  assert.deepEqual(
    rows.map(({ application, signals }) => [application.applicationId, signals[0]?.value]),
    [
      ['A1', 2],
      ['A2', 2],
      ['A3', 2],
    ],
  );
});

test('a book without a fraud definition says so', async () => {
  const { fraud: _, ...without } = portfolio;
  assert.equal(
    (await openFraudQueue({ ...context, portfolio: without as Portfolio }).page({ limit: 1, offset: 0 })).state,
    'not_configured',
  );
});
