import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GENESIS_HASH, recordHash } from '../platform/index.ts';
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { chainRecord, type DecisionBody, isIntact } from './record.ts';

test('canonical JSON reads back to the same value, whatever the order of keys', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      assert.equal(canonicalJson(JSON.parse(text)), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.equal(canonicalJson({ b: 1, a: [0.1, null, 'x'] }), '{"a":[0.1,null,"x"],"b":1}');
  assert.equal(canonicalJson({ b: 1, a: 2 }), canonicalJson({ a: 2, b: 1 }));
});

test('canonical JSON refuses what JSON would lose', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, new Date(0), undefined]) {
    assert.throws(() => canonicalJson({ value: [value] }));
  }
});

const response = '{"outcome":"approved"}';
const entry = { body: { decisionId: 'd', responseHash: sha256Hex(response) } as DecisionBody, response };

test('each record holds the hash of the one before it, and a change anywhere shows', () => {
  const first = chainRecord(entry, { sequence: 0, hash: GENESIS_HASH });
  const second = chainRecord(entry, { sequence: 1, hash: first.hash });
  assert.equal(first.body.sequence, 1);
  assert.equal(second.previousHash, first.hash);
  assert.notEqual(second.hash, first.hash);
  assert.ok(isIntact(first) && isIntact(second));
  assert.equal(isIntact({ ...second, bodyText: second.bodyText.replace('"d"', '"e"') }), false);
  assert.equal(isIntact({ ...second, response: '{"outcome":"declined"}' }), false);
  assert.equal(isIntact({ ...second, previousHash: GENESIS_HASH }), false);
  assert.equal(recordHash(first.hash, second.bodyText), second.hash);
});
