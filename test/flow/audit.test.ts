// Walks through the audited record as an auditor and as a forger: checkpoints are made, then rows are edited, swapped, deleted,
// inserted and cut off by direct access (triggers switched off), hashes redone, checkpoint files shortened and changed; every change
// must be found and named. Proofs are checked by the stand-alone script. It does not test speed: see bench/audit.ts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DECISIONS_REGISTER } from '../../src/decisions/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import {
  type AuditFinding,
  auditFiles,
  createLog,
  enterAudit,
  LOG_REGISTER,
  loadConfig,
  makeCheckpoint,
  migrate,
  type OpenDatabase,
  openDatabase,
  openSigner,
  proveRecord,
  REPOSITORY_ROOT,
  type Signer,
  verifyAudit,
} from '../../src/platform/index.ts';
import { fillDecisions, rechain, tamper } from './support/audit-records.ts';

const RECORDS = 4_200;
const REGISTERS = [DECISIONS_REGISTER, LOG_REGISTER];
let home: string;
let opened: OpenDatabase;
let signer: Signer;
let ids = 0;

const verifySignature: Signer['verify'] = (bytes, signed) => signer.verify(bytes, signed);

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-audit-'));
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_DATABASE_PORT: '4781' }, '/');
  opened = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  signer = openSigner(home);
});
after(async () => {
  await opened.close();
  await rm(home, { recursive: true, force: true });
});

/** A portfolio of its own with records under two checkpoints and a few after them. */
async function filled(portfolio: string, records = RECORDS): Promise<string> {
  await fillDecisions(opened.database, { portfolio, records: records - 100, features: 5 });
  for (const subject of ['one', 'two', 'three']) await enter(portfolio, subject);
  await checkpoint(portfolio);
  await enter(portfolio, 'four');
  await checkpoint(portfolio);
  return portfolio;
}

function enter(portfolio: string, subject: string) {
  const entry = { portfolio, kind: 'model_approved', subject, actor: 'vera', at: new Date(1e12), data: {} } as const;
  return opened.database.transaction((transaction) => enterAudit(transaction, entry));
}

function checkpoint(portfolio: string) {
  const clock = { now: () => new Date() };
  const newId = () => `log-${ids++}`;
  return makeCheckpoint({ ...opened, home, portfolio, registers: REGISTERS, signer, clock, newId });
}

function verify(portfolio: string, copies: string[] = []) {
  const { database, connection } = opened;
  const common = { database, connection, home, portfolio, registers: REGISTERS };
  return verifyAudit({ ...common, verify: verifySignature, copies, threads: 2 });
}

/** Findings as `kind where first[-last]`. */
async function findings(portfolio: string, copies: string[] = []): Promise<string[]> {
  const report = await verify(portfolio, copies);
  const text = ({ kind, where, sequence, last }: AuditFinding) =>
    `${kind} ${where.includes('/') ? 'file' : where} ${sequence}${last === undefined ? '' : `-${last}`}`;
  return report.findings.map(text).sort();
}

test('an untouched record verifies, and says how much of it is signed', async () => {
  const portfolio = await filled('whole');
  const report = await verify(portfolio);
  assert.deepEqual([report.ok, report.findings, report.checkpoints], [true, [], 2]);
  assert.deepEqual(
    report.registers.map(({ register, records, checkpointed }) => [register, records, checkpointed]),
    [
      ['decisions', RECORDS - 100, RECORDS - 100],
      ['log', 4, 4],
    ],
  );
  assert.equal(await checkpoint(portfolio), undefined, 'nothing new is not signed again');
  await enter(portfolio, 'five');
  const [, log] = (await verify(portfolio)).registers;
  assert.deepEqual([log?.records, log?.checkpointed], [5, 4]);
});

test('edits of any column, deletions, swaps, insertions and truncation are found where they are', async () => {
  const portfolio = await filled('plain');
  const where = (sequence: number | string) => `WHERE portfolio = '${portfolio}' AND sequence = ${sequence}`;
  const changes = [
    `UPDATE decisions SET body = replace(body, '"approved"', '"declined"') ${where(10)}`,
    `UPDATE decisions SET outcome = 'declined' ${where(20)}`,
    `UPDATE decisions SET response = replace(response, 'approved', 'declined') ${where(30)}`,
    `UPDATE decisions SET hash = repeat('a', 64) ${where(40)}`,
    `UPDATE decisions SET decided_at = decided_at + interval '1 microsecond' ${where(50)}`,
    `UPDATE decisions SET pd = pd + 1e-12 ${where(60)}`,
    `UPDATE decisions SET borrower_id = 'somebody' ${where(70)}`,
    `DELETE FROM decisions ${where('100 OR (portfolio = $$plain$$ AND sequence BETWEEN 1999 AND 2003)')}`,
    `UPDATE decisions SET sequence = -200 ${where(200)}; UPDATE decisions SET sequence = 200 ${where(210)};
       UPDATE decisions SET sequence = 210 ${where(-200)}`,
    `DELETE FROM decisions ${where('4097 OR sequence > 4097')} AND portfolio = '${portfolio}'`,
    `UPDATE audit_log SET actor = 'somebody else' ${where(2)}`,
  ];
  await tamper(opened.database, 'ALTER TABLE decisions DROP CONSTRAINT decisions_sequence_check');
  for (const change of changes) await tamper(opened.database, change);
  await tamper(
    opened.database,
    `INSERT INTO decisions SELECT portfolio, 9000000, 'stray', application_id, borrower_id, decided_at, actor, outcome, pd, score,
       grade, model_version, policy_hash, body, response, previous_hash, hash FROM decisions ${where(1)}`,
  );
  assert.deepEqual(
    await findings(portfolio),
    [
      ...[10, 20, 30, 40, 50, 60, 70].map((sequence) => `edited decisions ${sequence}`),
      'edited log 2',
      'inserted decisions 9000000',
      'missing decisions 100',
      'missing decisions 1999-2003',
      'moved decisions 200',
      'moved decisions 210',
      'truncated decisions 4097-4100',
    ].sort(),
  );
});

test('a forger who redoes every hash after the change is found, to the record; without the leaf file, between checkpoints', async () => {
  const portfolio = await filled('forged', 1_200);
  await tamper(
    opened.database,
    `UPDATE decisions SET body = replace(body, '"grade":"A1"', '"grade":"B1"'), grade = 'B1' WHERE portfolio = '${portfolio}' AND sequence = 700`,
  );
  await tamper(opened.database, rechain(portfolio, 700));
  assert.deepEqual(await findings(portfolio), ['edited decisions 700']);
  await rm(auditFiles(home, portfolio).leaves('decisions'));
  assert.deepEqual(await findings(portfolio), ['edited decisions 1-1100']);
});

test('a policy text that was changed or removed is found by the hash it is kept under', async () => {
  const portfolio = await filled('texts', 200);
  await tamper(opened.database, `UPDATE credit_policies SET body = body || ' '`);
  assert.match((await findings(portfolio)).join(), /edited credit_policies/);
  await tamper(opened.database, `UPDATE credit_policies SET body = rtrim(body)`);
  assert.deepEqual(await findings(portfolio), []);
});

test('checkpoints shortened, edited or removed are found; a copy elsewhere finds what was cut on both sides', async () => {
  const portfolio = await filled('files', 300);
  const { checkpoints: path, directory } = auditFiles(home, portfolio);
  const copy = join(home, 'copy.jsonl');
  await enter(portfolio, 'five');
  await checkpoint(portfolio);
  await copyFile(path, copy);
  assert.deepEqual(await findings(portfolio, [copy]), []);
  const whole = await readFile(path, 'utf8');
  const lines = whole.split('\n');

  await writeFile(path, `${lines.slice(0, 2).join('\n')}\n`);
  assert.deepEqual(await findings(portfolio), ['checkpoint file 3']);
  await writeFile(path, `${lines[0]}\n${lines[2]}\n`);
  assert.deepEqual(await findings(portfolio), ['checkpoint file 2', 'checkpoint file 2']);
  await writeFile(path, whole.replace('"size":4', '"size":3'));
  assert.ok((await findings(portfolio)).includes('checkpoint file 2'));
  await writeFile(path, whole);
  await truncate(path, whole.length - 20);
  assert.ok((await findings(portfolio)).includes('checkpoint file 3'));
  await rm(path);
  assert.deepEqual(await findings(portfolio), ['checkpoint file 1']);

  // cut on both sides, so that file and database agree with each other and with nobody else
  await writeFile(path, `${lines.slice(0, 2).join('\n')}\n`);
  await tamper(
    opened.database,
    `DELETE FROM audit_log WHERE portfolio = '${portfolio}' AND sequence > 4;
     DELETE FROM audit_checkpoints WHERE portfolio = '${portfolio}' AND number > 2`,
  );
  assert.deepEqual(await findings(portfolio), []);
  assert.deepEqual(await findings(portfolio, [copy]), ['checkpoint file 3', 'truncated log 5']);
  assert.deepEqual((await readdir(directory)).sort(), ['checkpoints.jsonl', 'decisions.leaves', 'log.leaves']);
});

test('one flipped bit anywhere in a checkpoint file is found', async () => {
  const portfolio = await filled('bits', 150);
  const { checkpoints: path } = auditFiles(home, portfolio);
  const whole = await readFile(path);
  for (let place = 0; place < whole.length; place += 37) {
    const flipped = Buffer.from(whole);
    flipped[place]! ^= 1 << (place % 8);
    await writeFile(path, flipped);
    assert.equal((await verify(portfolio)).ok, false, `byte ${place}`);
  }
  await writeFile(path, whole);
  assert.equal((await verify(portfolio)).ok, true);
});

test('a crash in the middle of a line leaves no false alarm, and the next checkpoint mends the file', async () => {
  const portfolio = await filled('torn', 150);
  const { checkpoints: path } = auditFiles(home, portfolio);
  const whole = await readFile(path, 'utf8');
  await writeFile(path, `${whole}{"body":{"at":"2026`);
  assert.equal((await verify(portfolio)).ok, true);
  await enter(portfolio, 'after the crash');
  assert.equal((await checkpoint(portfolio))?.body.number, 3);
  assert.equal((await verify(portfolio)).ok, true);
});

test('no checkpoint is signed over a register that does not continue from the last one', async () => {
  const portfolio = await filled('stopped', 150);
  await tamper(opened.database, `DELETE FROM audit_log WHERE portfolio = '${portfolio}' AND sequence = 4`);
  await enter(portfolio, 'in its place');
  await enter(portfolio, 'and one more');
  const isTampered = (error: unknown) => error instanceof AssayError && error.code === 'tampered';
  await assert.rejects(checkpoint(portfolio), isTampered);
  assert.deepEqual(await findings(portfolio), ['edited log 4']);
});

test('leaves that were lost are made anew from records that are still those that were signed', async () => {
  const portfolio = await filled('leaves', 150);
  const { leaves } = auditFiles(home, portfolio);
  const kept = await readFile(leaves('decisions'));
  await rm(leaves('decisions'));
  await enter(portfolio, 'something new');
  await checkpoint(portfolio);
  assert.deepEqual(await readFile(leaves('decisions')), kept);
});

test('a proof is checked by a script that knows nothing of Assay, and a changed one is not believed', async () => {
  const portfolio = await filled('proofs', 1_100);
  const common = { ...opened, home, portfolio, register: DECISIONS_REGISTER, verify: verifySignature };
  const proof = await proveRecord({ ...common, id: `d-${portfolio}-321` });
  assert.ok(proof.path.length <= 10);
  const key = (await readdir(join(home, 'keys'))).find((name) => name.endsWith('.pub.pem'))!;
  const file = join(home, 'proof.json');
  const check = async (changed: object): Promise<string> => {
    await writeFile(file, JSON.stringify({ ...proof, ...changed }));
    const script = join(REPOSITORY_ROOT, 'docs/check-proof.mjs');
    try {
      return execFileSync(process.execPath, [script, file, join(home, 'keys', key)], { encoding: 'utf8' });
    } catch (error) {
      return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    }
  };
  assert.match(await check({}), /number 321 of 1000/);
  assert.match(await check({ record: proof.record.replace('approved', 'declined') }), /NOT PROVED/);
  assert.match(await check({ index: 321 }), /NOT PROVED/);
  assert.match(await check({ checkpoint: proof.checkpoint.replace('"size":1000', '"size":1001') }), /NOT PROVED/);
  await assert.rejects(proveRecord({ ...common, id: 'nothing' }), /no such record/);
});
