import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { testLakeContract } from './lake.contract.ts';
import { openLocalLake } from './local-lake.ts';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'assay-lake-'));

testLakeContract('local lake', async () => openLocalLake(await newFolder()));

test('a link out of the lake is not followed', async () => {
  const [root, outside] = [await newFolder(), await newFolder()];
  await writeFile(join(outside, 'secret'), 's');
  const lake = openLocalLake(root);
  await symlink(outside, join(root, 'door'));
  for (const attempt of [
    () => lake.get('door/secret'),
    () => lake.put('door/new', 'x'),
    () => lake.remove('door/secret'),
  ]) {
    await assert.rejects(attempt, (error) => error instanceof AssayError && error.code === 'forbidden');
  }
});

test('what a publish was replacing comes back when the process died in between', async () => {
  const root = await newFolder();
  await openLocalLake(root).put('t/a', 'old');
  await rename(join(root, 't'), join(root, 't.old~'));
  assert.deepEqual(await openLocalLake(root).list(''), ['t/a']);
});

test('a leftover of a finished publish goes', async () => {
  const root = await newFolder();
  await openLocalLake(root).put('t/a', 'new');
  await mkdir(join(root, 't.old~'));
  await writeFile(join(root, 't.old~', 'a'), 'old');
  const lake = openLocalLake(root);
  assert.deepEqual(await lake.list(''), ['t/a']);
  assert.equal(Buffer.from(await lake.get('t/a')).toString(), 'new');
});
