import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeRedirect } from './safe-redirect.ts';

test('only paths of this app are followed after sign-in', () => {
  assert.equal(safeRedirect('/models?split=train'), '/models?split=train');
  for (const target of [
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
  ]) {
    assert.equal(safeRedirect(target), '/');
  }
});
