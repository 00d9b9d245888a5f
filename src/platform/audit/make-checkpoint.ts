import { AssayError } from '../../domain/index.ts';
import type { Clock, Database, Signer } from '../contract.ts';
import { withFileLock } from '../file-lock.ts';
import { type Checkpoint, type CheckpointTree, signCheckpoint } from './checkpoint.ts';
import { type AuditFiles, appendDurably, auditFiles, bytesOf, cutTo, readCheckpointFile } from './checkpoint-files.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { followStore } from './follow-store.ts';
import { GrowingTree, HASH_BYTES, leafHash } from './merkle.ts';
import { type AuditRegister, GENESIS_HASH, recordHash } from './register.ts';

export type CheckpointOptions = {
  readonly database: Database;
  readonly home: string;
  readonly portfolio: string;
  readonly registers: readonly AuditRegister[];
  readonly signer: Signer;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Where checkpoints are locked, too; other machines of the installation may sign there. */
  readonly store?: CheckpointStore | undefined;
};

/** Records read at a time. */
const PAGE_ROWS = 1_000;

/**
 * Signs what the registers hold now and appends it to the portfolio's checkpoint file, on disk before it returns. Reads only the
 * records since the last checkpoint, and signs them only if they continue from it. Nothing new: no checkpoint, `undefined`.
 * With a store, a checkpoint counts once it is there: where another machine was first, this call makes none.
 * @throws AssayError tampered when a register does not continue from its last checkpoint, or the file is not what was written
 */
export async function makeCheckpoint(options: CheckpointOptions): Promise<Checkpoint | undefined> {
  const files = auditFiles(options.home, options.portfolio);
  await appendDurably(files.checkpoints, '');
  return withFileLock(`${files.checkpoints}.lock`, async () => {
    const { store, portfolio } = options;
    if (store) await followStore({ store, portfolio }, files, (bytes, signed) => options.signer.verify(bytes, signed));
    const last = await lastCheckpoint(files, options.signer);
    if (last) await enterMirror(options.database, last);
    const trees: CheckpointTree[] = [];
    for (const register of options.registers) {
      trees.push(
        await extendTree(
          options,
          files,
          register,
          last?.body.trees.find((tree) => tree.register === register.name),
        ),
      );
    }
    if (trees.every(({ register, size }) => size === sizeIn(last, register))) return undefined;
    const checkpoint = await signCheckpoint(
      {
        format: 'assay-checkpoint/1',
        portfolio: options.portfolio,
        logId: last?.body.logId ?? options.newId(),
        number: (last?.body.number ?? 0) + 1,
        at: options.clock.now().toISOString(),
        previous: last?.hash ?? GENESIS_HASH,
        trees,
      },
      options.signer,
    );
    const { number } = checkpoint.body;
    if (store && !(await store.put(portfolio, { number, line: checkpoint.line }))) return undefined;
    await appendDurably(files.checkpoints, `${checkpoint.line}\n`);
    await enterMirror(options.database, checkpoint);
    return checkpoint;
  });
}

export const sizeIn = (checkpoint: Checkpoint | undefined, register: string): number =>
  checkpoint?.body.trees.find((tree) => tree.register === register)?.size ?? 0;

/** A line cut short by a crash was never a checkpoint: it goes. Anything else that is wrong stays and is said. */
async function lastCheckpoint(files: AuditFiles, signer: Signer): Promise<Checkpoint | undefined> {
  const { checkpoints, problems, tornAt } = await readCheckpointFile(files.checkpoints, (bytes, signed) =>
    signer.verify(bytes, signed),
  );
  const problem = problems[0];
  if (problem) {
    throw new AssayError('tampered', {
      what: 'the checkpoint file is not what was written',
      given: `${files.checkpoints}, line ${problem.line}, byte ${problem.offset}: ${problem.what}`,
      fix: 'run "assay audit verify"; put the file aside as evidence and restore it from a copy',
    });
  }
  if (tornAt !== undefined) await cutTo(files.checkpoints, tornAt);
  return checkpoints.at(-1);
}

type Row = { sequence: number; body: string; previous_hash: string; hash: string };

/**
 * The tree over the records since the last checkpoint; their leaves go to the leaf file first, so that a checkpoint never lacks them.
 * Where that file was lost, it is made anew from all records, if those are still the ones that were signed.
 */
async function extendTree(
  options: CheckpointOptions,
  files: AuditFiles,
  register: AuditRegister,
  last: CheckpointTree | undefined,
): Promise<CheckpointTree> {
  const path = files.leaves(register.name);
  const from = last && (await bytesOf(path)) >= last.size * HASH_BYTES ? last : undefined;
  const tree = new GrowingTree(from && { size: from.size, peaks: from.peaks.map((peak) => Buffer.from(peak, 'hex')) });
  let head = from?.head ?? GENESIS_HASH;
  await cutTo(path, tree.size * HASH_BYTES);
  const nextPage = () => pageAfter(options, register, tree.size, last?.size);
  for (let rows = await nextPage(); rows.length > 0; rows = await nextPage()) {
    const leaves = rows.map((row) => {
      const continues = row.sequence === tree.size + 1 && row.previous_hash === head;
      if (!continues || row.hash !== recordHash(head, row.body)) throw notContinued(register, row.sequence, tree.size);
      const leaf = leafHash(Buffer.from(row.body));
      tree.append(leaf);
      head = row.hash;
      return leaf;
    });
    if (tree.size === last?.size && tree.root().toString('hex') !== last.root) throw notContinued(register, 1, 0);
    await appendDurably(path, Buffer.concat(leaves));
  }
  if (tree.size < (last?.size ?? 0)) throw notContinued(register, tree.size, last?.size ?? 0);
  const hex = (node: Buffer): string => node.toString('hex');
  return { register: register.name, size: tree.size, root: hex(tree.root()), head, peaks: tree.peaks.map(hex) };
}

/** Pages end at the last checkpoint's size, where the root is compared. */
function pageAfter(
  { database, portfolio }: CheckpointOptions,
  register: AuditRegister,
  sequence: number,
  lastSize = 0,
): Promise<Row[]> {
  const limit = sequence < lastSize ? Math.min(PAGE_ROWS, lastSize - sequence) : PAGE_ROWS;
  return database.query<Row>(
    `SELECT sequence, body, previous_hash, hash FROM ${register.table}
     WHERE portfolio = $1 AND sequence > $2 ORDER BY sequence LIMIT ${limit}`,
    [portfolio, sequence],
  );
}

/** The database's own note of a checkpoint: a shortened file is found by it. */
async function enterMirror(database: Database, { body, hash }: Checkpoint): Promise<void> {
  await database.query(
    `INSERT INTO audit_checkpoints (portfolio, log_id, number, hash, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (portfolio, log_id, number) DO NOTHING`,
    [body.portfolio, body.logId, body.number, hash, body.at],
  );
}

function notContinued(register: AuditRegister, sequence: number, size: number): AssayError {
  return new AssayError('tampered', {
    what: `the register "${register.name}" does not continue from its last checkpoint`,
    given: `record ${sequence} after record ${size}`,
    fix: 'run "assay audit verify", which finds what was changed; no checkpoint is signed until then',
  });
}
