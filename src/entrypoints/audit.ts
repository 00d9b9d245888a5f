import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { DECISIONS_REGISTER } from '../decisions/index.ts';
import { AssayError } from '../domain/index.ts';
import {
  type AuditFinding,
  type AuditRegister,
  auditFiles,
  type Checkpoint,
  type CheckpointStore,
  type Config,
  createLog,
  type Database,
  followStore,
  LOG_REGISTER,
  makeCheckpoint,
  type OpenDatabase,
  openCheckpointStore,
  proveRecord,
  replaceFile,
  type Signer,
  signerOf,
  type VerifyReport,
  verifyAudit,
} from '../platform/index.ts';
import type { CommandContext } from './context.ts';
import { openMigrated } from './open-migrated.ts';
import { uuidV7 } from './server/new-id.ts';

/** Everything that is append only, in the order it is reported. */
export const REGISTERS: readonly AuditRegister[] = [DECISIONS_REGISTER, LOG_REGISTER];

type Audit = { readonly opened: OpenDatabase; readonly signer: Signer; readonly store: CheckpointStore | undefined };

/** Database and keys, and nothing else: an audit needs no portfolio, no model and no server. */
async function withAudit<T>(config: Config, work: (audit: Audit) => Promise<T>): Promise<T> {
  const opened = await openMigrated(config, { log: createLog(config) });
  try {
    return await work({ opened, signer: await signerOf(config), store: await openCheckpointStore(config) });
  } finally {
    await opened.close();
  }
}

/** Portfolios with a record or a checkpoint; or the one named. */
async function portfoliosOf(config: Config, database: Database, named: string | undefined): Promise<string[]> {
  if (named !== undefined) return [named];
  const rows = await database.query<{ portfolio: string }>(
    `SELECT DISTINCT portfolio FROM (SELECT portfolio FROM audit_log WHERE sequence = 1
       UNION ALL SELECT portfolio FROM audit_checkpoints
       UNION ALL SELECT DISTINCT portfolio FROM decisions) AS known`,
  );
  const folders = await readdir(join(config.home, 'audit')).catch(() => []);
  return [...new Set([...rows.map((row) => row.portfolio), ...folders])].sort();
}

export type VerifyCommand = {
  readonly portfolio?: string;
  readonly checkpoint?: readonly string[];
  readonly json?: boolean;
};

/** Prints what was found; true when nothing was. */
export async function verifyCommand(context: CommandContext, config: Config, options: VerifyCommand): Promise<boolean> {
  const reports = await withAudit(config, async ({ opened, signer, store }) => {
    const { database, connection } = opened;
    const portfolios = await portfoliosOf(config, database, options.portfolio);
    const verified: VerifyReport[] = [];
    for (const portfolio of portfolios) {
      verified.push(
        await verifyAudit({
          database,
          connection,
          home: config.home,
          portfolio,
          registers: REGISTERS,
          verify: (bytes, signed) => signer.verify(bytes, signed),
          copies: [...(options.checkpoint ?? []), ...(await lockedCopy(config, { store, portfolio, signer }))],
          threads: config.nthread,
        }),
      );
    }
    return verified;
  });
  const ok = reports.every((report) => report.ok);
  context.print(
    options.json ? JSON.stringify({ ok, portfolios: reports }, null, 2) : reports.map(reportText).join('\n'),
  );
  return ok;
}

/** What the locked store holds, as a copy to hold the file against; a machine that has no file yet gets it from there. */
async function lockedCopy(
  config: Config,
  { store, portfolio, signer }: Pick<Audit, 'store' | 'signer'> & { readonly portfolio: string },
): Promise<string[]> {
  if (!store) return [];
  const files = auditFiles(config.home, portfolio);
  await followStore({ store, portfolio }, files, (bytes, signed) => signer.verify(bytes, signed));
  const lines = await store.from(portfolio, 1);
  if (lines.length === 0) return [];
  const path = join(files.directory, 'locked-checkpoints.jsonl');
  await replaceFile(path, lines.map(({ line }) => `${line}\n`).join(''));
  return [path];
}

function reportText(report: VerifyReport): string {
  const registers = report.registers.map(
    ({ register, records, checkpointed, root }) =>
      `  ${register.padEnd(10)} ${records} records, ${Math.min(records, checkpointed)} under a signed checkpoint, root ${root}`,
  );
  const last = report.lastCheckpoint;
  const checkpoints = last ? `${report.checkpoints} checkpoints, the last of ${last.at}` : 'no checkpoint yet';
  const verdict = report.ok ? 'nothing was changed' : `${report.found} findings`;
  return [
    `${report.portfolio}: ${verdict} (${checkpoints})`,
    ...registers,
    ...report.findings.map((found) => `  ${findingText(found)}`),
    ...(report.found > report.findings.length ? [`  … and ${report.found - report.findings.length} more`] : []),
  ].join('\n');
}

function findingText({ kind, where, sequence, last, id, what }: AuditFinding): string {
  const place = last === undefined ? `${sequence}` : `${sequence} to ${last}`;
  return `${kind.toUpperCase().padEnd(10)} ${where} ${place}${id === undefined ? '' : ` (${id})`}: ${what}`;
}

/** Signs what is new now. */
export async function signCheckpoints(context: CommandContext, config: Config, named?: string): Promise<Checkpoint[]> {
  return withAudit(config, async ({ opened, signer, store }) => {
    const made: Checkpoint[] = [];
    for (const portfolio of await portfoliosOf(config, opened.database, named)) {
      const checkpoint = await makeCheckpoint({
        ...{ database: opened.database, home: config.home, portfolio, registers: REGISTERS, signer, store },
        ...{ clock: context.clock, newId: () => uuidV7(context.clock) },
      });
      if (checkpoint) made.push(checkpoint);
    }
    return made;
  });
}

/** Checkpoints in the locked bucket; null where the configuration names none. */
export async function countLocked(config: Config): Promise<number | null> {
  return withAudit(config, async ({ opened, store }) => {
    if (!store) return null;
    let count = 0;
    for (const portfolio of await portfoliosOf(config, opened.database, undefined))
      count += (await store.from(portfolio, 1)).length;
    return count;
  });
}

/** Signs what is new, and says what. */
export async function checkpointCommand(
  context: CommandContext,
  config: Config,
  options: { readonly portfolio?: string; readonly json?: boolean },
): Promise<void> {
  const made = await signCheckpoints(context, config, options.portfolio);
  if (options.json)
    return context.print(
      JSON.stringify(
        made.map(({ body, hash }) => ({ ...body, hash })),
        null,
        2,
      ),
    );
  for (const { body, hash } of made) {
    const sizes = body.trees.map(({ register, size }) => `${size} of ${register}`).join(', ');
    context.print(`${body.portfolio}: checkpoint ${body.number} (${sizes}) ${hash}`);
  }
  if (made.length === 0) context.print('nothing new since the last checkpoint');
}

/** Prints the proof that a decision is in the register a signed checkpoint covers. */
export async function proveCommand(context: CommandContext, config: Config, decisionId: string): Promise<void> {
  const proof = await withAudit(config, async ({ opened, signer }) => {
    const [row] = await opened.database.query<{ portfolio: string }>(
      'SELECT portfolio FROM decisions WHERE decision_id = $1',
      [decisionId],
    );
    if (!row) throw new AssayError('not_found', { what: 'no such decision', given: decisionId, fix: 'check the id' });
    return proveRecord({
      ...{ database: opened.database, home: config.home, portfolio: row.portfolio, register: DECISIONS_REGISTER },
      ...{ id: decisionId, verify: (bytes, signed) => signer.verify(bytes, signed) },
    });
  });
  context.print(JSON.stringify(proof, null, 2));
}

const EXPORT_PAGE_ROWS = 1_000;

/** Writes every record, the checkpoints and the public keys to a new folder: what an auditor takes away. */
export async function exportCommand(
  context: CommandContext,
  config: Config,
  options: { readonly portfolio: string; readonly out: string },
): Promise<void> {
  await mkdir(options.out, { recursive: false }).catch((cause: unknown) => {
    const what = 'the folder to export to cannot be made';
    throw new AssayError('bad_input', { what, given: options.out, allowed: 'a folder not there yet' }, { cause });
  });
  const counts = await withAudit(config, async ({ opened }) => {
    const written: Record<string, number> = {};
    for (const register of REGISTERS) {
      const path = join(options.out, `${register.name}.jsonl`);
      written[register.name] = await exportRegister(opened.database, register, options.portfolio, path);
    }
    return written;
  });
  const { checkpoints } = auditFiles(config.home, options.portfolio);
  await writeFile(join(options.out, 'checkpoints.jsonl'), await readFile(checkpoints).catch(() => ''));
  const keys = (await readdir(join(config.home, 'keys'))).filter((name) => name.endsWith('.pub.pem'));
  for (const name of keys) await writeFile(join(options.out, name), await readFile(join(config.home, 'keys', name)));
  context.print(
    `${options.out}: ${Object.entries(counts)
      .map(([name, count]) => `${count} of ${name}`)
      .join(', ')}`,
  );
}

async function exportRegister(
  database: Database,
  { table, hasResponse }: AuditRegister,
  portfolio: string,
  path: string,
): Promise<number> {
  const file = createWriteStream(path, { mode: 0o600 });
  const columns = ['sequence', 'body', 'previous_hash', 'hash', ...(hasResponse ? ['response'] : [])].join(', ');
  let last = 0;
  for (;;) {
    const rows = await database.query<{ sequence: number }>(
      `SELECT ${columns} FROM ${table} WHERE portfolio = $1 AND sequence > $2 ORDER BY sequence LIMIT ${EXPORT_PAGE_ROWS}`,
      [portfolio, last],
    );
    if (rows.length === 0) break;
    last = rows.at(-1)!.sequence;
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return last;
}
