import { AssayError } from '../../domain/index.ts';
import type { Database, Signer } from '../contract.ts';
import { auditFiles, readCheckpointFile, readLeaves } from './checkpoint-files.ts';
import { HASH_BYTES, inclusionProof, leafHash, rootFromInclusion } from './merkle.ts';
import type { AuditRegister } from './register.ts';
import { hexOf } from './scan.ts';

export type InclusionProof = {
  readonly format: 'assay-proof/1';
  /** The text of the record: its leaf is SHA-256(0x00, text). */
  readonly record: string;
  readonly index: number;
  readonly size: number;
  /** Hashes from the leaf to the root (RFC 9162, 2.1.3), hex. */
  readonly path: readonly string[];
  readonly register: string;
  /** The signed line whose tree of this register has this size and root. */
  readonly checkpoint: string;
};

export type ProofOptions = {
  readonly database: Database;
  readonly home: string;
  readonly portfolio: string;
  readonly register: AuditRegister;
  readonly id: string;
  readonly verify: Signer['verify'];
};

/**
 * The proof that a record is under the first checkpoint that covers it: at most 20 hashes for a million records.
 * @throws AssayError not_found; conflict when no checkpoint covers it yet; tampered when it is not what was signed
 */
export async function proveRecord(options: ProofOptions): Promise<InclusionProof> {
  const { database, home, portfolio, register, id } = options;
  const [row] = await database.query<{ sequence: number; body: string }>(
    `SELECT sequence, body FROM ${register.table} WHERE portfolio = $1 AND ${register.idColumn} = $2 LIMIT 1`,
    [portfolio, id],
  );
  if (!row) throw new AssayError('not_found', { what: 'no such record', given: id, fix: 'check the id' });
  const files = auditFiles(home, portfolio);
  const { checkpoints } = await readCheckpointFile(files.checkpoints, options.verify);
  const covering = checkpoints
    .flatMap(({ line, body }) => body.trees.map((tree) => ({ line, tree })))
    .find(({ tree }) => tree.register === register.name && tree.size >= row.sequence);
  if (!covering) {
    const fix = 'make one: assay audit checkpoint';
    throw new AssayError('conflict', { what: 'no checkpoint covers this record yet', given: id, fix });
  }
  const { size, root } = covering.tree;
  const leaves = await readLeaves(files.leaves(register.name));
  const index = row.sequence - 1;
  if (leaves.length < size * HASH_BYTES) throw notSigned(id);
  const path = inclusionProof(leaves, index, size);
  const found = rootFromInclusion(leafHash(Buffer.from(row.body)), { index, size }, path);
  if (!found || hexOf(found) !== root) throw notSigned(id);
  return {
    format: 'assay-proof/1',
    record: row.body,
    index,
    size,
    path: path.map(hexOf),
    register: register.name,
    checkpoint: covering.line,
  };
}

const notSigned = (given: string): AssayError =>
  new AssayError('tampered', {
    what: 'the record is not what was signed',
    given,
    fix: 'run "assay audit verify": it says what was changed',
  });
