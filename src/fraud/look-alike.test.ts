import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from './links.ts';
import { asItLooks } from './look-alike.ts';

const link = {
  id: 'address',
  kind: 'address',
  columns: ['address'],
  windowDays: 90,
  ordinary: 0,
  weight: 0.4,
} as const;
const definition = { links: [{ ...link, text: 'Same address' }] };
const keyOf = (address: string) => keysOf(definition, { columns: { address } })[0]?.hash;

test('an address in look-alike letters has the key of the one it looks like; another has its own', () => {
  assert.equal(keyOf('12 Орaсe Rоаd'), keyOf('12 Opace Road'));
  assert.equal(keyOf('12 ＯＰＡＣＥ road'), keyOf('12 Opace Road'));
  assert.notEqual(keyOf('12 Opace Road'), keyOf('12 Spice Road'));
  // a text of one alphabet keeps its letters apart
  assert.notEqual(keyOf('улица Мира 3'), keyOf('улица Мера 3'));
});

test('plain letters stay as they are', () => {
  assert.equal(asItLooks("zoë o'brien 12/3"), "zoë o'brien 12/3");
});
