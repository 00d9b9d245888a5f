import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { packTarGz, unpackTarGz } from './tar-gz.ts';

const files = { 'b.json': Buffer.from('{}'), 'a/model': Buffer.alloc(100_000, 7) };

test('what was packed comes out, and equal files give equal bytes', async () => {
  const packed = await packTarGz(files);
  assert.deepEqual(await unpackTarGz(packed), files);
  assert.deepEqual(await packTarGz({ 'a/model': files['a/model'], 'b.json': files['b.json'] }), packed);
});

test('tar reads what was packed, and what tar packed is read', {
  skip: spawnSync('tar', ['--version']).status !== 0 && 'there is no tar here',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-tar-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ours.tar.gz'), await packTarGz(files));
  assert.equal(spawnSync('tar', ['xzf', 'ours.tar.gz'], { cwd: folder }).status, 0);
  assert.deepEqual(readFileSync(join(folder, 'a/model')), files['a/model']);
  assert.equal(spawnSync('tar', ['czf', 'theirs.tar.gz', './a', './b.json'], { cwd: folder }).status, 0);
  assert.deepEqual(await unpackTarGz(readFileSync(join(folder, 'theirs.tar.gz'))), files);
});

test('something else, and half of one, is refused', async () => {
  const whole = await packTarGz(files);
  for (const bytes of [Buffer.from('no archive'), whole.subarray(0, 60)])
    await assert.rejects(unpackTarGz(bytes), (error) => error instanceof AssayError && error.code === 'bad_input');
});
