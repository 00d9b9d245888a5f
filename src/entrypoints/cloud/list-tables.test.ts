import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLocalLake } from '../../platform/index.ts';
import { MARTS } from '../../portfolio/index.ts';
import { listTables } from './list-tables.ts';

test('each table has a list of its objects, and an empty one where it has none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-lists-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const lake = openLocalLake(folder);
  for (const month of ['2024-01', '2024-02']) await lake.put(`processed/transactions/dt=${month}/part-0.parquet`, 'x');
  await lake.put('processed/transactions/manifest.json', '{}');
  const objectUri = async (key: string): Promise<string> => `s3://bucket/books/tiny/versions/7/${key}`;
  const names = [{ name: 'transactions' }, { name: 'cards' }];
  await listTables({ list: (p) => lake.list(p), put: (k, b) => lake.put(k, b), objectUri }, names);

  const text = async (key: string): Promise<string> => Buffer.from(await lake.get(key)).toString('utf8');
  assert.equal(
    await text('tables/processed/transactions/objects.txt'),
    ['2024-01', '2024-02']
      .map((month) => `s3://bucket/books/tiny/versions/7/processed/transactions/dt=${month}/part-0.parquet\n`)
      .join(''),
  );
  assert.equal(await text('tables/processed/cards/objects.txt'), '');
  assert.equal((await lake.list('tables/modeled')).length, MARTS.length);
});
