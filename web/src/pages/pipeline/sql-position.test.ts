import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positionOf } from './sql-position.ts';

const problem = (path: string) => ({
  type: 'urn:assay:error:bad_input',
  title: 'Bad request',
  status: 400,
  detail: 'no such column',
  errors: [{ path, message: 'no such column' }],
});

test('a position is a line, a column and a place in the text', () => {
  const sql = 'SELECT a,\n  b\nFROM t';
  const found = positionOf(sql, problem('sql:2:3'));
  assert.deepEqual(found, { line: 2, column: 3, text: '  b', offset: 12 });
  assert.equal(sql[found?.offset ?? 0], 'b');
});

test('what is about the whole query has no position', () => {
  assert.equal(positionOf('SELECT 1', problem('sql')), undefined);
});
