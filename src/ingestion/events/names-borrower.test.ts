import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesBorrower } from './names-borrower.ts';

const cases: readonly [string, string, boolean][] = [
  ['{"source":"plaid","borrowerId":"C-17","payload":{}}', 'C-17', true],
  ['{"payload":{"list":[{"customer_no":"C-17"}]}}', 'C-17', true],
  ['{"payload":{"customer_no":"C-171"}}', 'C-17', false],
  ['{"payload":{"note":"of C-17"}}', 'C-17', false],
  ['{"payload":{"client_id":17}}', '17', true],
  ['{"payload":{"amount":17}}', '17', false],
  ['{"payload":{"customer_no":"J\\u00e9"}}', 'J\u00e9', true],
  ['17;C-17;broken', 'C-17', true],
  ['C-171;broken', 'C-17', false],
  ['', 'C-17', false],
];

for (const [original, id, expected] of cases) {
  test(`${original === '' ? 'nothing' : original} ${expected ? 'names' : 'does not name'} ${id}`, () => {
    assert.equal(namesBorrower(original, id), expected);
  });
}
