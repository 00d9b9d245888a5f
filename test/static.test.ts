// Runs what npm run check runs before the tests (types, lint, format), so that npm test covers it too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { TOOLS } from '../src/entrypoints/dev/index.ts';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';

for (const tool of TOOLS) {
  test(`${tool.name} are in order`, () => {
    const done = spawnSync(process.execPath, tool.args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
    assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  });
}
