import type { Database } from '../contract.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { AuditFiles, CheckpointFile } from './checkpoint-files.ts';
import type { AuditFinding } from './scan.ts';

export type KnownCheckpoints = {
  readonly files: AuditFiles;
  readonly file: CheckpointFile;
  readonly copies: readonly (CheckpointFile & { readonly path: string })[];
};

type Mirror = { readonly log_id: string; readonly number: number; readonly hash: string };

/** The checkpoints against themselves, the database's note of them, and copies kept elsewhere. */
export async function checkpointFindings(
  { database, portfolio }: { readonly database: Database; readonly portfolio: string },
  known: KnownCheckpoints,
): Promise<AuditFinding[]> {
  const mirror = await database.query<Mirror>(
    'SELECT log_id, number, hash FROM audit_checkpoints WHERE portfolio = $1 ORDER BY log_id, number',
    [portfolio],
  );
  return [
    ...lineFindings(known.files.checkpoints, known.file),
    ...tornFindings(known, mirror),
    ...mirrorFindings(known, mirror),
    ...known.copies.flatMap((copy) => [...lineFindings(copy.path, copy), ...copyFindings(known, copy)]),
  ];
}

const finding = (where: string, sequence: number, what: string): AuditFinding => ({
  kind: 'checkpoint',
  where,
  sequence,
  what,
});

function lineFindings(path: string, { problems }: CheckpointFile): AuditFinding[] {
  return problems.map(({ line, offset, what }) => finding(path, line, `line ${line}, byte ${offset}: ${what}`));
}

/** A line cut short is a crash while it was written, unless the database knows that it had been written. */
function tornFindings({ files, file }: KnownCheckpoints, mirror: readonly Mirror[]): AuditFinding[] {
  const number = (file.checkpoints.at(-1)?.body.number ?? 0) + 1;
  if (file.tornAt === undefined || !mirror.some((row) => row.number === number)) return [];
  return [finding(files.checkpoints, number, `byte ${file.tornAt}: the last line is cut short, and it had been whole`)];
}

function mirrorFindings({ files, file, copies }: KnownCheckpoints, mirror: readonly Mirror[]): AuditFinding[] {
  const all = [file, ...copies].flatMap(({ checkpoints }) => checkpoints);
  const given = new Map(all.map(({ body, hash }) => [`${body.logId} ${body.number}`, hash]));
  const last = file.checkpoints.at(-1)?.body;
  const gone = mirror.filter((row) => !given.has(`${row.log_id} ${row.number}`));
  const changed = mirror.filter((row) => (given.get(`${row.log_id} ${row.number}`) ?? row.hash) !== row.hash);
  const noted = new Set(mirror.map((row) => `${row.log_id} ${row.number}`));
  // the newest may have been written a moment before a crash kept its note from the database
  const unnoted = file.checkpoints.filter(
    ({ body }) => body.number !== last?.number && !noted.has(`${body.logId} ${body.number}`),
  );
  return [
    ...rangesOf(gone).map(({ logId, first, to }) =>
      finding(files.checkpoints, first, `checkpoints ${first} to ${to} of file ${logId} were made and are gone`),
    ),
    ...changed.map((row) => finding('audit_checkpoints', row.number, 'the note of this checkpoint has another hash')),
    ...unnoted.map(({ body }) => finding('audit_checkpoints', body.number, 'the note of this checkpoint is gone')),
  ];
}

function rangesOf(rows: readonly Mirror[]): { logId: string; first: number; to: number }[] {
  const ranges: { logId: string; first: number; to: number }[] = [];
  for (const { log_id, number } of rows) {
    const last = ranges.at(-1);
    if (last && last.logId === log_id && last.to + 1 === number) last.to = number;
    else ranges.push({ logId: log_id, first: number, to: number });
  }
  return ranges;
}

/** A copy must be the same text as far as both go; what it has beyond the file was taken from the file. */
function copyFindings(
  { files, file }: KnownCheckpoints,
  copy: CheckpointFile & { readonly path: string },
): AuditFinding[] {
  const here = new Map(file.checkpoints.map((checkpoint) => [keyOf(checkpoint), checkpoint.hash]));
  const findings: AuditFinding[] = [];
  for (const checkpoint of copy.checkpoints) {
    const { number } = checkpoint.body;
    const hash = here.get(keyOf(checkpoint));
    if (hash === undefined)
      findings.push(finding(files.checkpoints, number, `is in the copy ${copy.path} and not here`));
    else if (hash !== checkpoint.hash)
      findings.push(finding(files.checkpoints, number, `is another one in ${copy.path}`));
  }
  return findings;
}

const keyOf = ({ body }: Checkpoint): string => `${body.logId} ${body.number}`;
