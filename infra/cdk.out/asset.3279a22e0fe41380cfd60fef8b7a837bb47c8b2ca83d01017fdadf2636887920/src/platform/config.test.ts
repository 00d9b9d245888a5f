import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../domain/index.ts';
import { loadConfig } from './config.ts';

test('an empty environment gives the documented defaults', () => {
  const config = loadConfig({}, '/somewhere');
  assert.equal(config.home, '/somewhere/.assay');
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 4680);
  assert.ok(config.nthread >= 1);
  assert.equal('databaseUrl' in config, false);
  assert.ok(Object.isFrozen(config));
});

test('relative paths are relative to the working directory; empty is unset', () => {
  const config = loadConfig({ ASSAY_HOME: 'data', XGBOOST_LIB: 'lib/x.so', PORT: ' ', DATABASE_URL: '' }, '/somewhere');
  assert.equal(config.home, '/somewhere/data');
  assert.equal(config.xgboostLib, '/somewhere/lib/x.so');
  assert.equal(config.port, 4680);
  assert.equal(config.databaseUrl, undefined);
});

for (const [name, value] of [
  ['PORT', '70000'],
  ['PORT', '0x50'],
  ['PORT', '-1'],
  ['ASSAY_NTHREAD', '0'],
  ['ASSAY_NTHREAD', '1.5'],
  ['ASSAY_LOG_LEVEL', 'loud'],
  ['ASSAY_LAKE_URL', 'https://bucket/folder'],
  ['ASSAY_LAKE_URL', 's3://../x'],
  ['DATABASE_URL', 'mysql://h/x'],
] as const) {
  test(`${name}=${value} is refused by name, with what is allowed`, () => {
    assert.throws(
      () => loadConfig({ [name]: value }, '/'),
      (error) => error instanceof AssayError && error.message.includes(name) && error.parts.allowed !== undefined,
    );
  });
}

test('a refused DATABASE_URL does not show its password', () => {
  assert.throws(
    () => loadConfig({ DATABASE_URL: 'postgres:u:very-secret@h/x' }, '/'),
    (error) => !String(error).includes('very-secret'),
  );
});
