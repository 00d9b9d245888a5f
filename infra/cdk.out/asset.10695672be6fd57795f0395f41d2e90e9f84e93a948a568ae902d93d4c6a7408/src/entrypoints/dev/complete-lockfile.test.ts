import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgottenPackages } from './complete-lockfile.ts';

test('an optional package that is not locked is found, with its platform; one that is locked anywhere above is not', () => {
  const packages = {
    '': {},
    'node_modules/tool': {
      dev: true,
      optionalDependencies: { '@tool/linux-arm64-musl': '1.2.3', '@tool/darwin-x64': '^1.2.3' },
    },
    'node_modules/a/node_modules/b': { optionalDependencies: { near: '1.0.0', above: '1.0.0', absent: '2.0.0' } },
    'node_modules/a/node_modules/near': { version: '1.0.0' },
    'node_modules/above': { version: '1.0.0' },
    'node_modules/@tool/darwin-x64': { version: '1.2.3' },
  };
  assert.deepEqual(forgottenPackages({ packages }), {
    'node_modules/@tool/linux-arm64-musl': {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['linux'],
      libc: ['musl'],
    },
    'node_modules/absent': { version: '2.0.0', optional: true },
  });
});
