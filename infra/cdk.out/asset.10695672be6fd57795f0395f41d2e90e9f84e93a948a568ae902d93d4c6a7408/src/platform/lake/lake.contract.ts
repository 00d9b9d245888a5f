import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import type { Lake } from '../contract.ts';

/** What every lake keeps, whatever engine is behind it. `open` gives an empty one. */
export function testLakeContract(engine: string, open: Open): void {
  testReadingAndWriting(engine, open);
  testWholeness(engine, open);
  testRefusedKeys(engine, open);
}

type Open = () => Promise<Lake>;

const text = async (lake: Lake, key: string): Promise<string> => Buffer.from(await lake.get(key)).toString('utf8');

function testReadingAndWriting(engine: string, open: Open): void {
  test(`${engine}: gives back what was put, as bytes and as a local file`, async () => {
    const lake = await open();
    await lake.put('raw/bank/dt=2026-01/a.csv', 'x;ž\n');
    assert.equal(await text(lake, 'raw/bank/dt=2026-01/a.csv'), 'x;ž\n');
    assert.equal(await readFile(lake.path('raw/bank/dt=2026-01/a.csv'), 'utf8'), 'x;ž\n');
    await lake.put('raw/bank/dt=2026-01/a.csv', new Uint8Array([0, 255]));
    assert.deepEqual([...(await lake.get('raw/bank/dt=2026-01/a.csv'))], [0, 255]);
  });

  test(`${engine}: lists keys under a folder, sorted, and nothing else`, async () => {
    const lake = await open();
    for (const key of ['b/2', 'b/1', 'b/c/3', 'bb/4', 'a']) await lake.put(key, key);
    assert.deepEqual(await lake.list('b'), ['b/1', 'b/2', 'b/c/3']);
    assert.deepEqual(await lake.list(''), ['a', 'b/1', 'b/2', 'b/c/3', 'bb/4']);
    assert.deepEqual(await lake.list('nothing'), []);
  });

  test(`${engine}: says what is missing`, async () => {
    const lake = await open();
    assert.equal(await lake.exists('no'), false);
    await assert.rejects(lake.get('no'), (error) => error instanceof AssayError && error.code === 'not_found');
    await assert.rejects(lake.publish('no', 'b'), (error) => error instanceof AssayError && error.code === 'not_found');
  });
}

function testWholeness(engine: string, open: Open): void {
  test(`${engine}: publish replaces the whole target and empties the staging`, async () => {
    const lake = await open();
    await lake.put('t/old', '1');
    await lake.put('t/both', 'old');
    await lake.put('staging/x/both', 'new');
    await lake.publish('staging/x', 't');
    assert.deepEqual(await lake.list('t'), ['t/both']);
    assert.equal(await text(lake, 't/both'), 'new');
    assert.deepEqual(await lake.list('staging/x'), []);
  });

  test(`${engine}: remove takes a folder away and forgives an absent one`, async () => {
    const lake = await open();
    await lake.put('a/b/c', '1');
    await lake.remove('a');
    await lake.remove('a');
    assert.deepEqual(await lake.list(''), []);
  });

  test(`${engine}: a reader beside many writers sees one whole value`, async () => {
    const lake = await open();
    const values = ['a', 'b'].map((letter) => letter.repeat(200_000));
    await lake.put('k', values[0]!);
    const writes = Array.from({ length: 10 }, (_, i) => lake.put('k', values[i % 2]!));
    const reads = Array.from({ length: 20 }, () => text(lake, 'k'));
    for (const read of await Promise.all(reads)) assert.ok(values.includes(read));
    await Promise.all(writes);
    assert.deepEqual(await lake.list(''), ['k']);
  });
}

function testRefusedKeys(engine: string, open: Open): void {
  for (const key of [
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    '',
    '.',
    'a/./b',
    'a\\..\\b',
    'a\0b',
    'C:/x',
    'a/'.repeat(600),
  ]) {
    test(`${engine}: refuses the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
      const lake = await open();
      const isRefused = (error: unknown): boolean => error instanceof AssayError && error.code === 'bad_input';
      await assert.rejects(lake.put(key, 'x'), isRefused);
      await assert.rejects(lake.get(key), isRefused);
      await assert.rejects(lake.remove(key), isRefused);
      assert.throws(() => lake.path(key), isRefused);
    });
  }
}
