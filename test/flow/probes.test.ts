/**
 * Someone learns the model by asking it: thousands of what-ifs of one borrower. Walked through over HTTP and the real database: honest
 * questions are answered, the alert is in the audit log once, the limit holds, others are answered as before. How near-duplicates are
 * told from different applicants is tested in src/decisions/probes/.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MAX_PROBES } from '../../src/decisions/index.ts';
import { signedIn } from './support/call.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const call = signedIn(() => server);
before(async () => {
  server = await startTinyServer({ databasePort: 4799 });
});
after(() => server?.stop());

const whatIf = (amountMinor: number) => ({
  borrowerId: 'B1',
  amountMinor,
  attributes: { income_minor: 400_000, arrears: 0, purpose: 'car' },
});
const batch = (from: number, count: number) => Array.from({ length: count }, (_, i) => whatIf(100_000 + from + i));
const alerts = () =>
  server.database.query<{ subject: string; body: string }>(
    "SELECT subject, body FROM audit_log WHERE kind = 'what_if_probing'",
  );
const score = (user: string, body: object) => call(user, 'POST', '/scores?reasons=false', body);

test('a case has its what-ifs; thousands of one borrower end, with an alert in the record', async () => {
  assert.equal((await score('underwriter', batch(0, 100))).status, 200);
  assert.deepEqual(await alerts(), []);
  assert.equal((await score('underwriter', batch(100, 400))).status, 200);
  const [alert, ...others] = await alerts();
  assert.deepEqual([alert?.subject, others], ['underwriter', []]);
  assert.match(alert?.body ?? '', /"mostInADay":2000/);

  assert.equal((await score('underwriter', batch(500, 1000))).status, 200);
  const refused = await score('underwriter', batch(1500, 1000));
  assert.equal(refused.status, 429);
  assert.match(await refused.text(), /too many what-ifs that are nearly alike/);
  assert.equal((await score('underwriter', whatIf(999_999))).status, 429);
  assert.equal((await alerts()).length, 1);

  // what was answered is answered again; another person, and another borrower, are not concerned
  assert.equal((await score('underwriter', whatIf(100_000))).status, 200);
  assert.equal((await score('modeller', whatIf(999_999))).status, 200);
  assert.equal((await score('underwriter', { ...whatIf(999_998), borrowerId: 'B2' })).status, 200);
  const [kept] = await server.database.query<{ probes: number }>(
    'SELECT count(*)::integer AS probes FROM what_if_probes',
  );
  assert.ok(kept && kept.probes > 0 && kept.probes <= 2 * MAX_PROBES);
});
