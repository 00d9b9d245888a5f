import { mkdir, open, readFile, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Signer } from '../contract.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { HASH_BYTES } from './merkle.ts';

/** Where the checkpoints of a portfolio lie: outside the database, so that who can write there cannot write here. */
export type AuditFiles = {
  readonly directory: string;
  /** One signed checkpoint a line. */
  readonly checkpoints: string;
  /** Leaf hashes of a register, 32 bytes each: what lets a changed record be named even when all hashes after it were redone. */
  leaves(register: string): string;
};

export function auditFiles(home: string, portfolio: string): AuditFiles {
  if (!/^[a-z0-9][a-z0-9_-]*$/i.test(portfolio)) {
    const allowed = 'letters, digits, dashes and underscores';
    throw new AssayError('bad_input', { what: 'this cannot be the name of a portfolio', given: portfolio, allowed });
  }
  const directory = join(home, 'audit', portfolio);
  return {
    directory,
    checkpoints: join(directory, 'checkpoints.jsonl'),
    leaves: (register) => join(directory, `${register}.leaves`),
  };
}

export type LineProblem = { readonly line: number; readonly offset: number; readonly what: string };

export type CheckpointFile = {
  /** Those that can be trusted: signed, numbered and chained one after another. */
  readonly checkpoints: readonly Checkpoint[];
  readonly problems: readonly LineProblem[];
  /** Where an unfinished last line begins: a write that was cut short. */
  readonly tornAt: number | undefined;
};

/**
 * Reads a file of checkpoints; what is wrong with a line is a finding, not an error. A file that is not there has none.
 * A copy may begin at any checkpoint.
 */
export async function readCheckpointFile(
  path: string,
  verify: Signer['verify'],
  options: { readonly isCopy?: boolean } = {},
): Promise<CheckpointFile> {
  const text = await readIfThere(path);
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  const checkpoints: Checkpoint[] = [];
  const problems: LineProblem[] = [];
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    try {
      const checkpoint = readCheckpoint(line, verify);
      const before = checkpoints.at(-1);
      const what = before || !options.isCopy ? breakBetween(before, checkpoint) : undefined;
      if (what !== undefined) problems.push({ line: index + 1, offset, what });
      checkpoints.push(checkpoint);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      problems.push({ line: index + 1, offset, what: error.message });
    }
    offset += Buffer.byteLength(line) + 1;
  }
  return { checkpoints, problems, tornAt: end < text.length ? offset : undefined };
}

function breakBetween(before: Checkpoint | undefined, checkpoint: Checkpoint): string | undefined {
  const { number, previous, logId } = checkpoint.body;
  if (before === undefined) return number === 1 ? undefined : `the file begins with checkpoint ${number}`;
  if (logId !== before.body.logId) return `checkpoint ${number} is of another file`;
  if (number !== before.body.number + 1) return `checkpoint ${number} follows checkpoint ${before.body.number}`;
  return previous === before.hash ? undefined : `checkpoint ${number} does not hold the hash of the one before it`;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Leaf hashes of a register as kept beside the checkpoints; empty when there is no file. */
export async function readLeaves(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(0, bytes.length - (bytes.length % HASH_BYTES));
}

/** Size of a file; 0 when it is not there. */
export function bytesOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

/** Cuts off what was written without its checkpoint. */
export async function cutTo(path: string, bytes: number): Promise<void> {
  if ((await bytesOf(path)) > bytes) await truncate(path, bytes);
}

/** Appends and waits until it is on disk, the name of a new file included. */
export async function appendDurably(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
