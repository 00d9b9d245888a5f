/**
 * How long an audit of a large register takes, and whether it finds what was done to it.
 *
 *   node bench/audit.ts [--records 1000000] [--features 40]
 *
 * Fills a register with records as the system writes them, signs it, verifies it; then changes it by direct access (triggers
 * disabled): edits, deletions, swaps, an insertion, a truncation, one edit after which every later hash was redone; verifies again
 * and counts what was found at its place. Last: the length of an inclusion proof.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DECISIONS_REGISTER } from '../src/decisions/index.ts';
import {
  createLog,
  loadConfig,
  makeCheckpoint,
  migrate,
  openDatabase,
  openSigner,
  proveRecord,
  REPOSITORY_ROOT,
  systemClock,
  verifyAudit,
} from '../src/platform/index.ts';
import { fillDecisions, rechain, tamper } from '../test/flow/support/audit-records.ts';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    features: { type: 'string', default: '40' },
    json: { type: 'boolean' },
  },
});
const [records, features] = [Number(values.records), Number(values.features)];
const portfolio = 'audited';
const home = await mkdtemp(join(tmpdir(), 'assay-bench-audit-'));
const config = loadConfig({ ...process.env, ASSAY_HOME: home }, '/');
const opened = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) });
const { database, connection } = opened;
const signer = openSigner(home);
const registers = [DECISIONS_REGISTER];
let ids = 0;

async function seconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}

const verify = () =>
  verifyAudit({
    ...{ database, connection, home, portfolio, registers, threads: config.nthread },
    verify: (bytes, signed) => signer.verify(bytes, signed),
  });

/** Places spread over the register: edits, then deletions, then swaps. */
const places = (count: number, offset: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * (records - 200)) / count) + offset);

try {
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  const [fillSeconds] = await seconds(() => fillDecisions(database, { portfolio, records, features }));
  const clock = systemClock;
  const newId = () => `bench-${ids++}`;
  const [checkpointSeconds] = await seconds(() =>
    makeCheckpoint({ database, home, portfolio, registers, signer, clock, newId }),
  );
  const [size] = await database.query<{ bytes: number }>(
    `SELECT avg(length(body) + length(response))::int AS bytes FROM (SELECT body, response FROM decisions LIMIT 1000) AS sample`,
  );
  const [verifySeconds, whole] = await seconds(verify);
  const proof = await proveRecord({
    ...{ database, home, portfolio, register: DECISIONS_REGISTER, id: `d-${portfolio}-${records >> 1}` },
    verify: (bytes, signed) => signer.verify(bytes, signed),
  });

  const expected = await tamperWith();
  const [tamperedSeconds, tampered] = await seconds(verify);
  const found = new Set(tampered.findings.map(({ kind, sequence }) => `${kind} ${sequence}`));
  const missed = expected.filter((text) => !found.has(text));
  const figures = {
    records,
    bytesARecord: size?.bytes ?? 0,
    fillSeconds,
    checkpointSeconds,
    verifySeconds,
    untouchedIsOk: whole.ok,
    proofHashes: proof.path.length,
    changes: expected.length,
    foundAtTheirPlace: expected.length - missed.length,
    findings: tampered.found,
    tamperedVerifySeconds: tamperedSeconds,
  };
  console.log(values.json ? JSON.stringify(figures) : figures);
  if (missed.length > 0 || !whole.ok) {
    console.error('missed:', missed, whole.findings.slice(0, 5));
    process.exitCode = 1;
  }
} finally {
  await opened.close();
  await rm(home, { recursive: true, force: true });
}

async function tamperWith(): Promise<string[]> {
  const [edits, deletions, swaps] = [places(100, 1), places(50, 7), places(25, 13)];
  const truncatedFrom = records - 99;
  const forged = records - 150;
  const of = (list: readonly number[]): string => `portfolio = '${portfolio}' AND sequence IN (${list.join(',')})`;
  await tamper(database, 'ALTER TABLE decisions DROP CONSTRAINT decisions_sequence_check');
  await tamper(database, `UPDATE decisions SET body = replace(body, '"approved"', '"declined"') WHERE ${of(edits)}`);
  await tamper(database, `DELETE FROM decisions WHERE ${of(deletions)}`);
  for (const place of swaps) {
    const move = (from: number, to: number): string => `UPDATE decisions SET sequence = ${to} WHERE ${of([from])};`;
    await tamper(database, `${move(place, -place)} ${move(place + 1, place)} ${move(-place, place + 1)}`);
  }
  await tamper(
    database,
    `UPDATE decisions SET body = replace(body, '"grade":"A1"', '"grade":"B1"'), grade = 'B1' WHERE ${of([forged])}`,
  );
  await tamper(database, rechain(portfolio, forged));
  await tamper(database, `DELETE FROM decisions WHERE portfolio = '${portfolio}' AND sequence >= ${truncatedFrom}`);
  return [
    ...edits.map((place) => `edited ${place}`),
    ...deletions.map((place) => `missing ${place}`),
    ...swaps.flatMap((place) => [`moved ${place}`, `moved ${place + 1}`]),
    `edited ${forged}`,
    `truncated ${truncatedFrom}`,
  ];
}
