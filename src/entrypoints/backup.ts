import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { AssayError } from '../domain/index.ts';
import { dropFilesBeyond } from '../ingestion/index.ts';
import {
  type Config,
  copyCluster,
  copyWithTimes,
  createLog,
  type FileStamp,
  filesUnder,
  openLocalLake,
  placeCluster,
  replaceFile,
  stampOf,
  syncTree,
} from '../platform/index.ts';
import type { CommandContext } from './context.ts';
import { openMigrated } from './open-migrated.ts';

const FORMAT = 'assay-backup/1';
const MANIFEST = 'backup.json';
/** What the record was signed with and signed as; copied first, so that no checkpoint is younger than the database. */
const FIRST = ['keys', 'audit'];
/** Scratch, locks, the database (which has a way of its own) and the programs it runs on. */
const LEFT_OUT = /^(tmp|postgres.*|keys|audit)$/;
/** Halves of a write that will be published or removed. */
const UNFINISHED = /\.tmp~?$|\.lock$|\.staging|\.old~|^lake\/[^/]+\/staging\//;
/** The stream adds files here all the time and changes none. */
const GROWING = /^lake\/[^/]+\/raw\/stream\//;
const TRIES = 6;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  files: z.record(z.string(), z.strictObject({ bytes: z.int().min(0), sha256: z.string().length(64) })),
});
type Manifest = z.infer<typeof manifestSchema>;

export type BackupOptions = { readonly json?: boolean };

/**
 * Copies a data directory while it is in use: keys and checkpoints, then the database as of the end of its copy, then models and
 * lake. What the database refers to was there before it did, so the copy is whole. The manifest is written last, when all is on disk.
 */
export async function backUp(context: CommandContext, config: Config, target: string, options: BackupOptions) {
  if (config.databaseUrl !== undefined) throw notOurs();
  await mkdir(target, { recursive: false }).catch((cause: unknown) => {
    const what = 'the folder to back up to cannot be made';
    throw new AssayError('bad_input', { what, given: target, allowed: 'a folder not there yet' }, { cause });
  });
  const began = performance.now();
  const opened = await openMigrated(config, { log: createLog(config) });
  try {
    const { home } = config;
    for (const part of FIRST) await copyPart(home, target, part);
    await copyCluster({ home, target: join(target, 'postgres') });
    const rest = (await readdir(home)).filter((name) => !LEFT_OUT.test(name));
    for (const part of rest) await copySteadily(home, target, part);
  } finally {
    await opened.close();
  }
  const files: Record<string, FileStamp> = {};
  for (const file of await filesUnder(target)) files[file] = await stampOf(join(target, file));
  await syncTree(target);
  const manifest: Manifest = { format: FORMAT, createdAt: context.clock.now().toISOString(), files };
  await replaceFile(join(target, MANIFEST), `${JSON.stringify(manifest)}\n`);
  const bytes = Object.values(files).reduce((sum, stamp) => sum + stamp.bytes, 0);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const figures = { folder: target, files: Object.keys(files).length, bytes, seconds };
  const text = `${target}: ${figures.files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB in ${seconds} s; it holds the keys: keep it as safe as them`;
  context.print(options.json ? JSON.stringify(figures) : text);
}

async function copyPart(home: string, target: string, part: string): Promise<void> {
  const root = join(home, part);
  if ((await stat(root).catch(() => undefined))?.isFile()) return void (await copyWithTimes(root, join(target, part)));
  for (const file of await filesUnder(root)) {
    const path = join(part, file);
    if (!UNFINISHED.test(path)) await copyWithTimes(join(home, path), join(target, path));
  }
}

/** A run of the pipeline replaces folders whole: a copy counts when nothing was replaced while it was made. */
async function copySteadily(home: string, target: string, part: string): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const before = await lookOf(home, part);
    await copyPart(home, target, part);
    if ((await lookOf(home, part)) === before) return;
    await rm(join(target, part), { recursive: true, force: true });
    await pause(500 * attempt);
  }
  throw new AssayError('conflict', {
    what: 'the lake was changing all the time it was copied',
    given: join(home, part),
    fix: 'back up again when the run of the pipeline has ended',
  });
}

async function lookOf(home: string, part: string): Promise<string> {
  const lines: string[] = [];
  for (const file of await filesUnder(join(home, part))) {
    const path = join(part, file);
    if (UNFINISHED.test(path) || GROWING.test(path)) continue;
    const found = await stat(join(home, path)).catch(() => undefined);
    lines.push(`${path} ${found?.ino} ${found?.size} ${found?.mtimeMs}`);
  }
  return lines.join('\n');
}

/** Puts a backup into a data directory that is not there yet; every file is held against the manifest first. */
export async function restore(context: CommandContext, config: Config, source: string, options: BackupOptions) {
  if (config.databaseUrl !== undefined) throw notOurs();
  const { home } = config;
  if ((await readdir(home).catch(() => [])).length > 0) {
    throw new AssayError('conflict', {
      what: 'the data directory to restore into is not empty',
      given: home,
      fix: 'name another one with ASSAY_HOME',
    });
  }
  const manifest = await readManifest(source);
  await refuseUnnamed(source, manifest);
  for (const [file, stamp] of Object.entries(manifest.files)) await refuseOther(join(source, file), stamp);
  await mkdir(home, { recursive: true });
  const files = Object.keys(manifest.files).filter((file) => !file.startsWith('postgres/'));
  for (const file of files) await copyWithTimes(join(source, file), join(home, file));
  const log = createLog(config);
  const database = await placeCluster({ source: join(source, 'postgres'), home, log });
  await syncTree(home);
  // recovers from the log that was copied with it
  const opened = await openMigrated(config, { log });
  try {
    const portfolios = await readdir(join(home, 'lake')).catch(() => []);
    for (const name of portfolios) await dropFilesBeyond(opened.database, openLocalLake(join(home, 'lake', name)));
  } finally {
    await opened.close();
  }
  const text = `${home}: restored as of ${manifest.createdAt}`;
  context.print(options.json ? JSON.stringify({ home, database, createdAt: manifest.createdAt }) : text);
}

async function readManifest(source: string): Promise<Manifest> {
  const path = join(source, MANIFEST);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw notABackup(path, cause);
  }
}

/** The manifest names what lies in the folder, all of it and nothing else: no path out of it, no link, no file put there since. */
async function refuseUnnamed(source: string, { files }: Manifest): Promise<void> {
  const there = new Set((await filesUnder(source)).filter((file) => file !== MANIFEST));
  const odd = [
    ...Object.keys(files).filter((file) => !there.has(file)),
    ...[...there].filter((file) => !Object.hasOwn(files, file)),
  ];
  if (odd.length === 0) return;
  throw new AssayError('tampered', {
    what: 'the folder is not what its manifest says',
    given: odd.slice(0, 5).join(', '),
    allowed: `the files that ${MANIFEST} names, as plain files in the folder, and no others`,
    fix: 'restore from another backup',
  });
}

async function refuseOther(path: string, stamp: FileStamp): Promise<void> {
  const found = await stampOf(path).catch(() => undefined);
  if (found?.sha256 === stamp.sha256) return;
  throw new AssayError('tampered', {
    what: 'a file of the backup is not what was backed up',
    given: found ? `${path}, ${found.bytes} bytes` : `${path}, which is not there`,
    allowed: `${stamp.bytes} bytes with SHA-256 ${stamp.sha256}`,
    fix: 'restore from another backup',
  });
}

const notABackup = (given: string, cause: unknown): AssayError =>
  new AssayError(
    'bad_input',
    { what: 'this is not a finished backup', given, fix: 'name the folder that assay backup made' },
    { cause },
  );

const notOurs = (): AssayError =>
  new AssayError('unavailable', {
    what: 'the database is not the embedded one',
    given: 'DATABASE_URL',
    fix: 'back up that server with its own means (pg_basebackup, snapshots of RDS), and keys, audit, models and lake of the data directory with it',
  });
