import type { Database, Signer } from '../contract.ts';
import type { DatabaseConnection } from '../database/index.ts';
import { auditFiles, readCheckpointFile } from './checkpoint-files.ts';
import type { AuditRegister } from './register.ts';
import type { AuditFinding } from './scan.ts';
import { checkpointFindings, type KnownCheckpoints } from './verify-checkpoints.ts';
import { verifyRegister } from './verify-register.ts';

export type VerifyOptions = {
  readonly database: Database;
  /** For threads that read by connections of their own. */
  readonly connection: DatabaseConnection;
  readonly home: string;
  readonly portfolio: string;
  readonly registers: readonly AuditRegister[];
  readonly verify: Signer['verify'];
  /** Files of checkpoints kept elsewhere: what the files here are held against. */
  readonly copies?: readonly string[];
  readonly threads: number;
};

export type RegisterReport = {
  readonly register: string;
  readonly records: number;
  /** Records under a signed checkpoint; those after it are held by the chain alone. */
  readonly checkpointed: number;
  readonly root: string;
};

export type VerifyReport = {
  readonly portfolio: string;
  readonly ok: boolean;
  readonly registers: readonly RegisterReport[];
  readonly checkpoints: number;
  readonly lastCheckpoint: { readonly number: number; readonly at: string; readonly hash: string } | null;
  /** Findings in all; `findings` holds at most MAX_FINDINGS of them. */
  readonly found: number;
  readonly findings: readonly AuditFinding[];
};

export const MAX_FINDINGS = 1_000;

/**
 * Recomputes everything a portfolio's registers and checkpoints say of each other, from rows read by its own connections and from the
 * files: body against hash, hash against the one before, columns against body, Merkle roots against signed checkpoints, checkpoints
 * against each other, against the database's note of them and against copies kept elsewhere. Believes none of them.
 */
export async function verifyAudit(options: VerifyOptions): Promise<VerifyReport> {
  const known = await readKnown(options);
  const findings = [...(await checkpointFindings(options, known))];
  const registers: RegisterReport[] = [];
  for (const register of options.registers) {
    const checked = await verifyRegister(options, register, known);
    registers.push(checked.report);
    for (const finding of checked.findings) findings.push(finding);
  }
  const last = known.file.checkpoints.at(-1);
  return {
    portfolio: options.portfolio,
    ok: findings.length === 0,
    registers,
    checkpoints: known.file.checkpoints.length,
    lastCheckpoint: last ? { number: last.body.number, at: last.body.at, hash: last.hash } : null,
    found: findings.length,
    findings: findings.slice(0, MAX_FINDINGS),
  };
}

async function readKnown({ home, portfolio, verify, copies = [] }: VerifyOptions): Promise<KnownCheckpoints> {
  const files = auditFiles(home, portfolio);
  const read = copies.map(async (path) => ({ path, ...(await readCheckpointFile(path, verify, { isCopy: true })) }));
  return {
    files,
    file: await readCheckpointFile(files.checkpoints, verify),
    copies: await Promise.all(read),
  };
}
