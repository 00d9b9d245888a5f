import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashSources } from './code-hash.ts';

test('changes with the code and the name of a file, not with its tests', async () => {
  const root = await mkdtemp(join(tmpdir(), 'assay-code-'));
  await mkdir(join(root, 'a/b'), { recursive: true });
  await writeFile(join(root, 'a/b/x.ts'), 'export const x = 1;');
  const before = await hashSources(['a'], root);
  await writeFile(join(root, 'a/b/x.test.ts'), 'a test');
  assert.equal(await hashSources(['a'], root), before);
  await writeFile(join(root, 'a/b/x.ts'), 'export const x = 2;');
  const changed = await hashSources(['a'], root);
  assert.notEqual(changed, before);
  await writeFile(join(root, 'a/y.sql'), '');
  assert.notEqual(await hashSources(['a'], root), changed);
});
