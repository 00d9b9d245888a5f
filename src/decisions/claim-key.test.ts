import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimKey } from './claim-key.ts';
import type { Claim } from './store.ts';

const KEY = { actor: 'ann', key: 'k', requestHash: 'h' };

/** A store that gives these answers in turn, the last one for ever. */
function answering(...claims: readonly Claim[]) {
  const store = { asked: 0, claim: async () => claims[Math.min(store.asked++, claims.length - 1)]! };
  return store;
}

test('a key of another process is asked for again until it is free, decided, or was asked for long enough', async () => {
  const elsewhere: Claim = { kind: 'running', elsewhere: true };
  const freed = answering(elsewhere, elsewhere, { kind: 'claimed', lease: 'x/1' });
  assert.equal((await claimKey(freed, KEY, { newId: () => '1' })).kind, 'claimed');
  assert.equal(freed.asked, 3);
  const decided = answering(elsewhere, { kind: 'done', response: '{}' });
  assert.deepEqual(await claimKey(decided, KEY, { newId: () => '1' }), { kind: 'done', response: '{}' });
  const stuck = answering(elsewhere);
  assert.equal((await claimKey(stuck, KEY, { newId: () => '1' })).kind, 'running');
  assert.equal(stuck.asked, 7);
});

test('a key that this process holds is running, and another request is told at once', async () => {
  for (const claim of [{ kind: 'running', elsewhere: false }, { kind: 'other_request' }] as const) {
    const store = answering(claim);
    assert.deepEqual(await claimKey(store, KEY, { newId: () => '1' }), claim);
    assert.equal(store.asked, 1);
  }
});
