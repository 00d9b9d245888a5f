import { sha256Hex } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import type { CheckpointTree } from './checkpoint.ts';
import { readLeaves } from './checkpoint-files.ts';
import { GrowingTree, HASH_BYTES, leafAt } from './merkle.ts';
import type { AuditRegister } from './register.ts';
import { type AuditFinding, hexOf } from './scan.ts';
import { scanInThreads } from './scan-threads.ts';
import type { RegisterReport, VerifyOptions } from './verify.ts';
import type { KnownCheckpoints } from './verify-checkpoints.ts';

/** How far beyond the last checkpoint records are looked for; a number above that was not given by Assay. */
const MAX_AHEAD = 5_000_000;
const MAX_STRAYS = 100;

type Signed = CheckpointTree & { readonly by: string };
type Scanned = { leaves: Buffer; hashes: Buffer; rows: number; findings: AuditFinding[]; references: Set<string> };

/** Every record of a register against itself, its neighbours, and every checkpoint that covers it. */
export async function verifyRegister(
  options: VerifyOptions,
  register: AuditRegister,
  known: KnownCheckpoints,
): Promise<{ report: RegisterReport; findings: AuditFinding[] }> {
  const signed = signedTrees(known, register);
  const checkpointed = Math.max(0, ...signed.map(({ size }) => size));
  const strays = await findStrays(options, register, checkpointed);
  const last = Math.max(strays.last, checkpointed);
  const scanned = await scanAll(options, register, last);
  const kept = await readLeaves(known.files.leaves(register.name));
  const findings = [
    ...strays.findings,
    ...scanned.findings.map((found) => asTruncation(found, strays.last)),
    ...leafFindings(register, scanned, { path: known.files.leaves(register.name), kept, signed: signed.at(-1) }),
  ];
  const roots = rootFindings(register, scanned, signed, findings);
  const report = { register: register.name, records: scanned.rows, checkpointed, root: roots.root };
  const texts = await referenceFindings(options.database, register, scanned);
  return { report, findings: withoutEchoes([...findings, ...roots.findings, ...texts]) };
}

function signedTrees({ file, copies }: KnownCheckpoints, { name }: AuditRegister): Signed[] {
  return [file, ...copies]
    .flatMap(({ checkpoints }) => checkpoints)
    .flatMap(({ body }) => body.trees.map((tree) => ({ ...tree, by: `checkpoint ${body.number}` })))
    .filter(({ register, size }) => register === name && size > 0)
    .sort((a, b) => a.size - b.size);
}

/** The last record there is, and records whose numbers nobody gave. */
async function findStrays(
  { database, portfolio }: VerifyOptions,
  { name: where, table }: AuditRegister,
  checkpointed: number,
): Promise<{ last: number; findings: AuditFinding[] }> {
  const rows = await database.query<{ sequence: number }>(
    `(SELECT sequence FROM ${table} WHERE portfolio = $1 AND sequence < 1 ORDER BY sequence LIMIT ${MAX_STRAYS})
     UNION ALL
     (SELECT sequence FROM ${table} WHERE portfolio = $1 AND sequence > $2 ORDER BY sequence LIMIT ${MAX_STRAYS})`,
    [portfolio, checkpointed + MAX_AHEAD],
  );
  const [top] = await database.query<{ last: number | null }>(
    `SELECT max(sequence) AS last FROM ${table} WHERE portfolio = $1 AND sequence BETWEEN 1 AND $2`,
    [portfolio, checkpointed + MAX_AHEAD],
  );
  const what = 'no record was given this number';
  return {
    last: top?.last ?? 0,
    findings: rows.map(({ sequence }) => ({ kind: 'inserted', where, sequence, what })),
  };
}

async function scanAll(options: VerifyOptions, register: AuditRegister, last: number): Promise<Scanned> {
  const scanned: Scanned = {
    leaves: Buffer.alloc(last * HASH_BYTES),
    hashes: Buffer.alloc(last * HASH_BYTES),
    rows: 0,
    findings: [],
    references: new Set(),
  };
  const { database, connection, portfolio, threads } = options;
  await scanInThreads({ connection, register, portfolio }, { database, last, threads }, (range) => {
    scanned.leaves.set(range.leaves, (range.first - 1) * HASH_BYTES);
    scanned.hashes.set(range.hashes, (range.first - 1) * HASH_BYTES);
    scanned.rows += range.rows;
    for (const found of range.findings) scanned.findings.push(found);
    for (const reference of range.references) scanned.references.add(reference);
  });
  scanned.findings = joined(scanned.findings.sort((a, b) => a.sequence - b.sequence));
  return scanned;
}

/** Gaps that touch are one gap. */
function joined(findings: readonly AuditFinding[]): AuditFinding[] {
  const result: AuditFinding[] = [];
  for (const found of findings) {
    const before = result.at(-1);
    const touches =
      before && before.kind === 'missing' && found.kind === 'missing' && endOf(before) + 1 === found.sequence;
    if (!touches) result.push(found);
    else {
      const count = endOf(found) - before.sequence + 1;
      result[result.length - 1] = { ...before, last: endOf(found), what: `${count} records are gone` };
    }
  }
  return result;
}

const endOf = (found: AuditFinding): number => found.last ?? found.sequence;

function asTruncation(found: AuditFinding, last: number): AuditFinding {
  if (found.kind !== 'missing' || found.sequence <= last) return found;
  return {
    ...found,
    kind: 'truncated',
    what: `${found.what}: the register ends before them, and a checkpoint has them`,
  };
}

type KeptLeaves = { readonly path: string; readonly kept: Buffer; readonly signed: Signed | undefined };

/**
 * Records whose text is not the one that was signed, though every hash around them was redone. Where the records give the root that
 * was signed, or the leaves kept beside the checkpoints do not, it is that file that is at fault, and it accuses nobody.
 */
function leafFindings(
  register: AuditRegister,
  { leaves }: Scanned,
  { path, kept, signed }: KeptLeaves,
): AuditFinding[] {
  const end = Math.min(leaves.length, kept.length, (signed?.size ?? 0) * HASH_BYTES);
  if (!signed || leaves.subarray(0, end).equals(kept.subarray(0, end))) return [];
  if (gives(leaves, signed) || (kept.length >= signed.size * HASH_BYTES && !gives(kept, signed))) {
    const index = firstDifference(leaves, kept);
    const what = `byte ${index * HASH_BYTES}: not the leaves that were signed; remove the file, and "assay audit checkpoint" makes it anew from the records if those are`;
    return [{ kind: 'checkpoint', where: path, sequence: index + 1, what }];
  }
  const findings: AuditFinding[] = [];
  for (let index = 0; index < end / HASH_BYTES; index++) {
    const leaf = leafAt(leaves, index);
    if (leaf.equals(leafAt(kept, index)) || isEmpty(leaf)) continue;
    const before = findings.at(-1);
    if (before && endOf(before) === index) {
      findings[findings.length - 1] = { ...before, last: index + 1 };
      continue;
    }
    const what = 'is not the text that was signed';
    findings.push({ kind: 'edited', where: register.name, sequence: index + 1, what });
  }
  return findings;
}

function gives(leaves: Buffer, { size, root }: Signed): boolean {
  if (leaves.length < size * HASH_BYTES) return false;
  const tree = new GrowingTree();
  while (tree.size < size) tree.append(leafAt(leaves, tree.size));
  return hexOf(tree.root()) === root;
}

function firstDifference(a: Buffer, b: Buffer): number {
  let index = 0;
  while (leafAt(a, index).equals(leafAt(b, index))) index++;
  return index;
}

const isEmpty = (leaf: Buffer): boolean => leaf.every((byte) => byte === 0);

/**
 * The root at the size of every checkpoint. The first that does not hold bounds a change from above, the last that holds from below;
 * where a finding already says what was changed before it, the root adds nothing.
 */
function rootFindings(
  register: AuditRegister,
  { leaves, hashes }: Scanned,
  signed: readonly Signed[],
  known: readonly AuditFinding[],
): { root: string; findings: AuditFinding[] } {
  const tree = new GrowingTree();
  const findings: AuditFinding[] = [];
  const firstKnown = Math.min(...known.map(({ sequence }) => Math.max(sequence, 1)));
  let [holds, failed] = [0, false];
  const where = register.name;
  for (const { size, root, head, by } of signed) {
    while (tree.size < size) tree.append(leafAt(leaves, tree.size));
    const isRight = hexOf(tree.root()) === root && hexOf(leafAt(hashes, size - 1)) === head;
    if (isRight && !failed) holds = size;
    else if (!failed && firstKnown > size) {
      failed = true;
      const what = `not what ${by} signed: a record between these was changed and all hashes after it redone`;
      findings.push({ kind: 'edited', where, sequence: holds + 1, last: size, what });
    } else failed = true;
  }
  while (tree.size < leaves.length / HASH_BYTES) tree.append(leafAt(leaves, tree.size));
  return { root: hexOf(tree.root()), findings };
}

/** Texts that records refer to by hash: there, and with that hash. */
async function referenceFindings(
  database: Database,
  { name, referenced }: AuditRegister,
  { references }: Scanned,
): Promise<AuditFinding[]> {
  if (!referenced) return [];
  const { table, key, text } = referenced;
  const rows = await database.query<{ key: string; text: string }>(
    `SELECT ${key} AS key, ${text} AS text FROM ${table}`,
  );
  const whole = new Set(rows.filter((row) => sha256Hex(row.text) === row.key).map((row) => row.key));
  const there = new Set(rows.map((row) => row.key));
  return [...new Set([...references, ...there])]
    .filter((reference) => !whole.has(reference))
    .map((id) => ({
      kind: there.has(id) ? 'edited' : 'missing',
      where: table,
      sequence: 0,
      id,
      what: there.has(id) ? 'the text no longer has the hash it is kept under' : `records of ${name} refer to it`,
    }));
}

/** A record that was changed also breaks the link of the next; only the change is said. */
function withoutEchoes(findings: readonly AuditFinding[]): AuditFinding[] {
  const changed = new Set<number>();
  for (const { kind, sequence, last = sequence } of findings) {
    if (kind === 'unlinked') continue;
    for (const place of [sequence, last]) changed.add(place);
  }
  const seen = new Set<string>();
  return findings
    .filter(({ kind, sequence }) => kind !== 'unlinked' || !(changed.has(sequence) || changed.has(sequence - 1)))
    .filter(({ kind, where, sequence, last = sequence }) => {
      const places = `${where} ${sequence} ${last}`;
      if (kind !== 'edited' && kind !== 'moved') return true;
      const isNew = !seen.has(places);
      seen.add(places);
      return isNew;
    });
}
