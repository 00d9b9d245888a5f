// Walks through the queue of suspicious applications with people at work on it, on the real server and database: a case is taken under a
// lease, given back, decided once with a reason; an abandoned one returns; an unsure one may be taken up again; what was found makes the
// precision of the queue and is no label of default; every step is in the audit log and the note is sealed. It does not test how a book
// is scanned: src/monitoring/fraud does.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { fraudCaseSchema, fraudQueueSchema, fraudResultsSchema, personExportSchema } from '../../src/api/index.ts';
import { column, type Portfolio } from '../../src/domain/index.ts';
import { openWarehouse } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

const [source] = tinyPortfolio.sources;
const [target, outcomes] = source!.targets;
const columns = [...target!.table.columns, column.text('device', { nullable: true })];
const portfolio: Portfolio = {
  ...tinyPortfolio,
  sources: [{ ...source!, targets: [{ ...target!, table: { ...target!.table, columns } }, outcomes!] }],
  fraud: {
    links: [
      {
        ...{ id: 'device', kind: 'device', columns: ['device'], windowDays: 60, ordinary: 0, weight: 0.6 },
        text: 'Same device',
      },
    ],
  },
};
const RING = 14;

let server: TinyServer;
const call = signedIn(() => server);
before(async () => {
  server = await startTinyServer({ databasePort: 4713, portfolio });
  await fillBook();
});
after(() => server?.stop());

/** One device that fourteen borrowers apply from, minutes apart; the first keeps it. */
async function fillBook(): Promise<void> {
  const path = server.lake.path('processed/loan_applications/dt=all/part-0.parquet');
  await mkdir(dirname(path), { recursive: true });
  const rows = Array.from(
    { length: RING },
    (_, i) => `('A${10 + i}', 'B${10 + i}', TIMESTAMP '2024-03-01' + to_minutes(${i}), 100000, 12, 'one', ${i})`,
  );
  const names = 'application_id, borrower_id, applied_at, amount_minor, term_months, device, source_row';
  const warehouse = await openWarehouse({ threads: 1 });
  await warehouse.run(
    `COPY (SELECT *, ${columns
      .filter(({ name }) => !names.includes(name))
      .map(({ name }) => `NULL::VARCHAR AS ${name}`)
      .join(', ')} FROM (VALUES ${rows.join(', ')}) t(${names})) TO '${path}' (FORMAT parquet)`,
  );
  await warehouse.close();
  await server.lake.put('processed/_quality/funnel.json', '{}');
}

const step = async (user: string, id: string, what: string, body: object = {}) =>
  call(user, 'POST', `/fraud/cases/${id}/${what}`, body);
const done = async (...args: Parameters<typeof step>) => {
  const response = await step(...args);
  assert.equal(response.status, 200, await response.clone().text());
  return fraudCaseSchema.parse(await response.json());
};
const queue = async () =>
  fraudQueueSchema.parse(await (await call('underwriter', 'GET', '/fraud/queue?pageSize=50')).json());
const NOTE = 'Called the employer: canary-note-4711 is not known there.';

test('a case is taken by one person, and only who holds it decides it, once, with a reason', async () => {
  const { rows } = await queue();
  assert.equal(rows.length, RING - 1);
  assert.ok(rows.every((row) => row.case === null));
  assert.equal((await step('underwriter', 'A15', 'decide', { verdict: 'confirmed', note: NOTE })).status, 409);
  const taken = await done('underwriter', 'A15', 'claim');
  assert.deepEqual([taken.status, taken.claimedBy, taken.verdict], ['claimed', 'underwriter', null]);
  assert.equal((await step('compliance', 'A15', 'claim')).status, 409);
  assert.equal((await step('compliance', 'A15', 'decide', { verdict: 'cleared', note: NOTE })).status, 409);
  const noReason = await step('underwriter', 'A15', 'decide', { verdict: 'confirmed', note: '   .   ' });
  assert.equal(noReason.status, 400);
  const decided = await done('underwriter', 'A15', 'decide', { verdict: 'confirmed', note: NOTE });
  assert.deepEqual([decided.status, decided.verdict, decided.note], ['decided', 'confirmed', NOTE]);
  // the same again is the same; another answer is too late, through the door and behind it
  assert.deepEqual(await done('underwriter', 'A15', 'decide', { verdict: 'confirmed', note: NOTE }), decided);
  assert.equal((await step('underwriter', 'A15', 'claim')).status, 409);
  await assert.rejects(
    server.database.query("UPDATE fraud_cases SET verdict = 'cleared' WHERE application_id = 'A15'"),
    /settled fraud case/,
  );
  await assert.rejects(server.database.query('DELETE FROM fraud_cases'), /settled fraud case/);
  assert.equal((await step('underwriter', 'A10', 'claim')).status, 404);
  assert.equal((await step('modeller', 'A16', 'claim')).status, 403);
});

test('what was written of a person is in the copy that the person gets, and of nobody else', async () => {
  const copyOf = async (borrowerId: string) =>
    personExportSchema.parse(await (await call('compliance', 'GET', `/persons/${borrowerId}/export`)).json());
  const [found, ...more] = z
    .array(fraudCaseSchema.pick({ applicationId: true, verdict: true, note: true }))
    .parse((await copyOf('B15')).fraudCases);
  assert.deepEqual([found, more], [{ applicationId: 'A15', verdict: 'confirmed', note: NOTE }, []]);
  assert.deepEqual((await copyOf('B16')).fraudCases, []);
});

test('what is given back, abandoned or unsure comes to somebody else', async () => {
  await done('underwriter', 'A16', 'claim');
  assert.equal((await done('underwriter', 'A16', 'release')).status, 'open');
  const taken = Date.now();
  server.setClock(new Date(taken));
  await done('underwriter', 'A16', 'claim');
  server.setClock(new Date(taken + 31 * 60_000));
  assert.equal((await queue()).rows.find(({ applicationId }) => applicationId === 'A16')?.case?.status, 'open');
  assert.equal((await step('underwriter', 'A16', 'decide', { verdict: 'cleared', note: NOTE })).status, 409);
  assert.equal((await done('compliance', 'A16', 'claim')).claimedBy, 'compliance');
  assert.equal((await done('compliance', 'A16', 'decide', { verdict: 'unsure', note: NOTE })).verdict, 'unsure');
  assert.equal((await done('underwriter', 'A16', 'claim')).status, 'claimed');
  assert.equal((await done('underwriter', 'A16', 'release')).verdict, 'unsure');
  await done('underwriter', 'A16', 'claim');
  assert.equal((await done('underwriter', 'A16', 'decide', { verdict: 'cleared', note: NOTE })).verdict, 'cleared');
});

test('twenty at once: one takes it', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => step(i % 2 === 0 ? 'underwriter' : 'compliance', 'A17', 'claim')),
  );
  const holders = new Set<string | null>();
  for (const answer of answers.filter(({ status }) => status === 200))
    holders.add(fraudCaseSchema.parse(await answer.json()).claimedBy);
  assert.equal(holders.size, 1);
  const [entered] = await server.database.query<{ count: number }>(
    "SELECT count(*) AS count FROM audit_log WHERE kind = 'fraud_claimed' AND subject = 'A17'",
  );
  assert.equal(entered?.count, 1);
  await done([...holders][0]!, 'A17', 'release');
});

test('what people found is the precision of the queue, sealed, audited, and no label of default', async () => {
  for (let i = 18; i < 10 + RING; i++) {
    await done('underwriter', `A${i}`, 'claim');
    await done('underwriter', `A${i}`, 'decide', { verdict: i % 3 === 0 ? 'cleared' : 'confirmed', note: NOTE });
  }
  const response = await call('validator', 'GET', '/fraud/results');
  const { capacities, signals } = fraudResultsSchema.parse(await response.json());
  const verdicts = await server.database.query<{ verdict: string; count: number }>(
    'SELECT verdict, count(*) AS count FROM fraud_cases WHERE verdict IS NOT NULL GROUP BY verdict',
  );
  const count = (verdict: string) => verdicts.find((row) => row.verdict === verdict)?.count ?? 0;
  assert.equal(signals[0]?.confirmed, count('confirmed'));
  assert.deepEqual([capacities[0]?.confirmed, capacities[0]?.cleared], [count('confirmed'), count('cleared')]);
  const stored = await server.database.query<{ text: string }>(
    'SELECT c::text AS text FROM fraud_cases c UNION ALL SELECT a::text FROM audit_log a',
  );
  assert.ok(!stored.some(({ text }) => text.includes('canary-note')));
  const kinds = await server.database.query<{ kind: string }>("SELECT kind FROM audit_log WHERE kind LIKE 'fraud%'");
  assert.ok(kinds.length >= 18 && new Set(kinds.map(({ kind }) => kind)).size === 3);
  // outcomes of loans are events of their own
  assert.deepEqual(await server.lake.list('processed/outcomes'), []);
});
