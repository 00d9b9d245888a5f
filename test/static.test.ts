// Runs what npm run check runs before the tests (types, lint, format), so that npm test covers it too; and looks whether npm ci
// would accept the lockfile on every platform.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { forgottenPackages, readLockfile, TOOLS } from '../src/entrypoints/dev/index.ts';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';

for (const tool of TOOLS) {
  test(`${tool.name} are in order`, () => {
    const done = spawnSync(process.execPath, tool.args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
    assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  });
}

test('the lockfile forgets no optional package (else: node bin/assay.js dev lockfile)', async () => {
  const lockfile = await readLockfile(join(REPOSITORY_ROOT, 'package-lock.json'));
  assert.deepEqual(Object.keys(forgottenPackages(lockfile)), []);
});
