import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErasedPersons, NOBODY_ERASED } from './erased-persons.ts';

let hashed = 0;
const hash = (id: string): string => {
  hashed++;
  return `hash of ${id}`;
};
const erased = new ErasedPersons(new Set(['hash of C-17', 'hash of 9']), hash);

test('a person is recognised by the hash, as text or number, and asked for once', () => {
  hashed = 0;
  for (const round of [1, 2]) {
    assert.deepEqual(
      ['C-17', 9, '9', 'C-171', '', null, undefined].map((id) => erased.has(id)),
      [true, true, true, false, false, false, false],
    );
    assert.equal(hashed, 4, `round ${round}`);
  }
});

test('a text names a person where a word of it is the id', () => {
  for (const text of ['C-17', 'x;C-17;1.50', '{"customer_no":"C-17"}', '"C-17"\t2', '[9]'])
    assert.ok(erased.namedIn(text), text);
  for (const text of ['', 'C-171', 'xC-17', 'C 17', '9.50', '99']) assert.ok(!erased.namedIn(text), text);
});

test('the fingerprint tells lists apart, whatever their order; nobody has none', () => {
  const of = (...persons: string[]): string => new ErasedPersons(new Set(persons), hash).fingerprint;
  assert.equal(of('a', 'b'), of('b', 'a'));
  assert.notEqual(of('a'), of('a', 'b'));
  assert.equal(NOBODY_ERASED.fingerprint, '');
  assert.equal(NOBODY_ERASED.has('C-17') || NOBODY_ERASED.namedIn('C-17'), false);
});
