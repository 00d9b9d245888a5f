import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog({ logLevel: 'info' }, { write: (line) => void lines.push(line) }));
  return lines.join('');
}

test('credentials and what identifies a person never reach the log', () => {
  const text = logged((log) => {
    log.info({ password: 'canary-1', user: { email: 'canary-2', deeper: { nationalId: 'canary-3' } } }, 'signed in');
    log.info({
      request: { headers: { authorization: 'canary-4', cookie: 'canary-5', 'idempotency-key': 'canary-6' } },
    });
  });
  assert.doesNotMatch(text, /canary/);
  assert.match(text, /signed in/);
});

test('the level holds', () => {
  assert.equal(
    logged((log) => log.debug('quiet')),
    '',
  );
});
