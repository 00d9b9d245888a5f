import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvCell } from './csv-cell.ts';

test('no text becomes a formula, numbers stay numbers, and quotes are doubled', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '  =1', '\t=1', '\r=1', '＝1+1']) {
    assert.match(csvCell(text), /^"?'/, JSON.stringify(text));
  }
  assert.deepEqual([-1.5, null, true, 'a,"b"', 'plain'].map(csvCell), ['-1.5', '', 'true', '"a,""b"""', 'plain']);
});
