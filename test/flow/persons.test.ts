// Walks through what a person may ask for: nothing of them lies readable in the database; a copy of everything; a correction decided
// anew; a legal hold that refuses; retention that refuses until its day; erasure after which nothing can be recovered and the record
// still verifies. Canaries are looked for in every table, log line, metric, error and file. It does not test the lake's files.
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decisionSchema,
  personExportSchema,
  personStatusSchema,
  problemSchema,
  reviewsSchema,
} from '../../src/api/index.ts';
import { DECISIONS_REGISTER, DecisionStore, PersonStore } from '../../src/decisions/index.ts';
import {
  LOG_REGISTER,
  makeCheckpoint,
  openErasedRegister,
  openFileKeyWrapper,
  openPersonVault,
  openSigner,
  PersonVault,
  systemClock,
  verifyAudit,
} from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

/** Words that must be found nowhere but in what the person is given. */
const CANARY = 'canary-borrower-7731';
const NOTE_CANARY = 'canary-note-5519';
let server: TinyServer;
const call = signedIn(() => server);

before(async () => {
  server = await startTinyServer({ databasePort: 4784 });
});
after(() => server?.stop());

const application = (more: object = {}) => ({
  borrowerId: CANARY,
  amountMinor: 200_000,
  attributes: { income_minor: 777_331, arrears: 0, purpose: 'car' },
  ...more,
});
async function decide(body: object) {
  const response = await call('underwriter', 'POST', '/applications', body);
  assert.equal(response.status, 201, await response.clone().text());
  return decisionSchema.parse(await response.json());
}
const reason = 'asked for by letter of today';

/** Every text of every table. */
async function wholeDatabase(): Promise<string> {
  const tables = await server.database.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await server.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    texts.push(...rows.map((row) => row.text));
  }
  return texts.join('\n');
}

async function filesUnder(directory: string): Promise<string> {
  const texts: string[] = [];
  for (const name of await readdir(directory, { recursive: true })) {
    const path = join(directory, name);
    if (/postgres\//.test(path) || !(await stat(path)).isFile()) continue;
    texts.push((await readFile(path)).toString('latin1'));
  }
  return texts.join('\n');
}

/** Another process, on another day, of a lender in this place. */
function at(day: string, jurisdiction: string): PersonStore {
  const { database } = server;
  const clock = { now: () => new Date(`${day}T12:00:00Z`) };
  const vault = openPersonVault({ home: server.home, database, clock, portfolio: 'tiny' });
  const store = new DecisionStore({ database, clock, portfolio: 'tiny', vault });
  const portfolio = { name: 'tiny', lender: { name: 'L', address: 'A', jurisdiction } };
  const facts = { read: async () => ({}), remove: async () => 0 };
  const letters = { removeOf: async () => 0 };
  const erased = openErasedRegister({ home: server.home, database, clock, portfolio: 'tiny' });
  return new PersonStore({ database, clock, portfolio, store, vault, facts, letters, erased });
}

let decisionId: string;

test('nothing of a person is readable in the database, the metrics, the errors or the files', async () => {
  decisionId = (await decide(application())).decisionId;
  const referred = await decide(application({ attributes: { arrears: 1 } }));
  const cases = reviewsSchema.parse(await (await call('manager', 'GET', '/reviews')).json()).rows;
  const { caseId } = cases.find((one) => one.decisionId === referred.decisionId)!;
  await call('manager', 'POST', `/reviews/${caseId}/claim`, {});
  const note = `Spoke with ${NOTE_CANARY} on the phone.`;
  const answer = { outcome: 'approved', code: 'INCOME_VERIFIED', note };
  assert.equal((await call('manager', 'POST', `/reviews/${caseId}/decide`, answer)).status, 200);
  const wrong = await call('underwriter', 'POST', '/applications', application({ amountMinor: -1 }));
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const everything = [await wholeDatabase(), await filesUnder(server.home), metrics, await wrong.text()];
  for (const [index, text] of everything.entries()) {
    for (const canary of [CANARY, NOTE_CANARY, '777331']) assert.ok(!text.includes(canary), `${canary} in ${index}`);
  }
});

test('those who may see it see it: the record, the list, the note', async () => {
  const list = await (await call('underwriter', 'GET', `/decisions?borrowerId=${CANARY}`)).text();
  assert.equal(list.split(CANARY).length - 1, 2);
  const record = await (await call('compliance', 'GET', `/decisions/${decisionId}`)).text();
  assert.ok(record.includes(CANARY) && record.includes('777331'));
  const replay = await (await call('compliance', 'GET', `/decisions/${decisionId}/replay`)).json();
  assert.equal(Object(replay).identical, true);
});

test('a copy of everything is for compliance to give, and is entered in the log under a pseudonym', async () => {
  assert.equal((await call('underwriter', 'GET', `/persons/${CANARY}/export`)).status, 403);
  const copy = personExportSchema.parse(await (await call('compliance', 'GET', `/persons/${CANARY}/export`)).json());
  assert.deepEqual([copy.borrowerId, copy.records.length, copy.reviews.length], [CANARY, 2, 1]);
  assert.ok(JSON.stringify(copy.reviews).includes(NOTE_CANARY));
  const [entry] = await server.database.query<{ subject: string }>(
    `SELECT subject FROM audit_log WHERE kind = 'person_exported'`,
  );
  assert.equal(entry?.subject, copy.person);
  assert.notEqual(copy.person, CANARY);
});

test('a correction is a new decision on the corrected data, linked to the first', async () => {
  const correct = (body: object) =>
    call('underwriter', 'POST', `/persons/${CANARY}/correct`, { decisionId, reason, ...body });
  const response = await correct({ attributes: { arrears: 20 } });
  assert.equal(response.status, 201, await response.clone().text());
  const decision = decisionSchema.parse(await response.json());
  assert.equal(decision.outcome, 'declined');
  const [entry] = await server.database.query<{ body: string }>(
    `SELECT body FROM audit_log WHERE kind = 'person_corrected'`,
  );
  assert.deepEqual(JSON.parse(entry!.body).data, { fields: ['arrears'], from: decisionId, to: decision.decisionId });
  assert.equal((await correct({ attributes: { shoe_size: 44 } })).status, 400);
  assert.equal(
    (await call('underwriter', 'POST', '/persons/somebody-else/correct', { decisionId, reason })).status,
    404,
  );
});

test('a legal hold refuses an erasure, and is lifted by another person than the one who placed it', async () => {
  const act = (user: string, step: string) => call(user, 'POST', `/persons/${CANARY}/${step}`, { reason });
  assert.equal((await act('compliance', 'hold')).status, 200);
  const refused = await act('compliance', 'erase');
  assert.match(problemSchema.parse(await refused.json()).detail, /legal hold/);
  assert.equal((await act('compliance', 'lift')).status, 403);
  const lifted = personStatusSchema.parse(await (await act('admin', 'lift')).json());
  assert.equal(lifted.hold, null);
});

test('the longest rule of the lender’s place keeps records until its day', async () => {
  const today = systemClock.now().toISOString().slice(0, 10);
  const { keptUntil } = await at(today, 'US').status(CANARY);
  assert.equal(keptUntil?.rule, 'us-ecoa-retention');
  const years = Number(keptUntil?.day.slice(0, 4)) - Number(today.slice(0, 4));
  assert.ok(years === 2 || years === 3, 'twenty-five months');
  await assert.rejects(at(today, 'US').erase(CANARY, 'compliance', reason), /a rule keeps the records.*1002\.12/);
  await assert.rejects(at(today, 'AT').erase(CANARY, 'compliance', reason), /2015\/849/);
});

test('erased, a person is recoverable from nothing, the rest goes on and the record verifies', async () => {
  const { database, home } = server;
  const signer = openSigner(home);
  const registers = [DECISIONS_REGISTER, LOG_REGISTER];
  const common = { database, home, portfolio: 'tiny', registers };
  await makeCheckpoint({ ...common, signer, clock: systemClock, newId: () => 'log' });
  const other = await decide({ ...application(), borrowerId: 'somebody-else' });
  const sealed = await database.query<{ body: string }>('SELECT body FROM decisions');

  assert.equal((await call('admin', 'POST', `/persons/${CANARY}/erase`, { reason })).status, 403);
  assert.equal((await call('compliance', 'POST', `/persons/${CANARY}/erase`, { reason })).status, 409);
  const erased = await at('2032-01-01', 'US').erase(CANARY, 'compliance', reason);
  assert.deepEqual([erased.decisions, erased.facts], [3, 0]);
  await sleep(5_100); // a key is remembered five seconds by another process

  assert.equal((await call('compliance', 'GET', `/decisions/${decisionId}`)).status, 410);
  assert.equal((await call('compliance', 'GET', `/decisions/${decisionId}/replay`)).status, 410);
  const list = await (await call('underwriter', 'GET', '/decisions')).text();
  assert.ok(list.includes('(erased)') && !list.includes(CANARY));
  const copy = personExportSchema.parse(await (await call('compliance', 'GET', `/persons/${CANARY}/export`)).json());
  assert.deepEqual([copy.records, copy.reviews, copy.erasedDecisions], [[], [], 3]);

  // a copy of the sealed texts and the master key together give nothing any more
  const vault = new PersonVault({ database, wrapper: openFileKeyWrapper(home), portfolio: 'tiny', clock: systemClock });
  for (const { body } of sealed) {
    const { decisionId: id, person, sealed: text } = JSON.parse(body);
    const opened = await vault.open(person, text, `decision ${id}`);
    assert.equal(opened === undefined, person === vault.pseudonym(CANARY), id);
  }
  await assert.rejects(
    database.query(`UPDATE person_keys SET wrapped_key = 'x', destroyed_at = NULL`),
    /only ever destroyed/,
  );
  assert.equal((await call('compliance', 'GET', `/decisions/${other.decisionId}`)).status, 200);

  await makeCheckpoint({ ...common, signer, clock: systemClock, newId: () => 'log' });
  const verify = (bytes: Uint8Array, signed: { keyId: string; signature: string }) => signer.verify(bytes, signed);
  const report = await verifyAudit({ ...common, connection: {}, verify, threads: 1 });
  assert.deepEqual([report.ok, report.findings], [true, []]);
});

test('who comes back after an erasure is a new person with a new key', async () => {
  const back = await decide(application());
  assert.equal((await call('compliance', 'GET', `/decisions/${back.decisionId}`)).status, 200);
  assert.equal((await call('compliance', 'GET', `/decisions/${decisionId}`)).status, 410);
});

test('a master key that others can read is refused', async () => {
  const home = join(server.home, 'other');
  await mkdir(home, { recursive: true });
  openFileKeyWrapper(home);
  await chmod(join(home, 'keys', 'master.key'), 0o644);
  assert.throws(() => openFileKeyWrapper(home), /other users can read/);
});
