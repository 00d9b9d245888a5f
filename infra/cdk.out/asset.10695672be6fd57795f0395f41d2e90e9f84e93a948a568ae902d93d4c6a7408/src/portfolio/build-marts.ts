import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AssayError } from '../domain/index.ts';
import type { Clock } from '../platform/index.ts';
import { type BookContext, createBookViews, SCORES_KEY } from './book-views.ts';
import { sqlText } from './sql.ts';
import { profileTables } from './table-profiles.ts';

/** Each is one file of sql/marts/ and one table of `modeled/marts/`. */
export const MARTS = [
  'applicants',
  'totals',
  'outcomes',
  'grades',
  'months',
  'vintages',
  'segments',
  'segment_predictions',
  'strategy',
  'strategy_members',
] as const;
export type MartName = (typeof MARTS)[number];

const STAGING = 'modeled/.staging-marts';
export const MARTS_MANIFEST_KEY = 'modeled/marts/manifest.json';
export const TABLE_PROFILES_KEY = 'modeled/marts/tables.json';
export const martKey = (name: MartName): string => `modeled/marts/${name}.parquet`;

export type MartsManifest = {
  readonly format: 'assay-marts/1';
  /** Hash over the content of every mart: what a page shows follows from it. */
  readonly snapshotId: string;
  readonly builtAt: string;
  readonly marts: Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;
};

/**
 * Computes the tables behind the pages from scores, applications, outcomes and features, and publishes them together.
 * @throws AssayError not_found before the book is scored; cancelled
 */
export async function buildMarts(
  context: BookContext & {
    readonly clock: Clock;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<MartsManifest> {
  const { warehouse, lake } = context;
  if (!(await lake.exists(SCORES_KEY))) {
    throw new AssayError('not_found', {
      what: 'the book is not scored yet',
      given: lake.path(SCORES_KEY),
      fix: 'run: assay pipeline run',
    });
  }
  await lake.remove(STAGING);
  await createBookViews(context);
  // written first: the engine that writes the rest makes no folders
  await lake.put(`${STAGING}/tables.json`, JSON.stringify(await profileTables(context), null, 2));
  const marts: Record<string, { rows: number; sha256: string }> = {};
  for (const [index, name] of MARTS.entries()) {
    if (context.signal?.aborted) throw new AssayError('cancelled', { what: 'building the marts was cancelled' });
    marts[name] = await writeMart(context, name);
    context.onProgress?.(index + 1, MARTS.length + 1);
  }
  const manifest: MartsManifest = {
    format: 'assay-marts/1',
    snapshotId: createHash('sha256').update(JSON.stringify(marts)).digest('hex').slice(0, 16),
    builtAt: context.clock.now().toISOString(),
    marts,
  };
  await lake.put(`${STAGING}/manifest.json`, JSON.stringify(manifest, null, 2));
  await lake.publish(STAGING, 'modeled/marts');
  await warehouse.run('DROP SCHEMA IF EXISTS mart CASCADE');
  context.onProgress?.(MARTS.length + 1, MARTS.length + 1);
  return manifest;
}

async function writeMart({ warehouse, lake }: BookContext, name: MartName): Promise<{ rows: number; sha256: string }> {
  const sql = await readFile(new URL(`../../sql/marts/${name}.sql`, import.meta.url), 'utf8');
  const key = `${STAGING}/${name}.parquet`;
  await warehouse.run(`COPY (${sql}) TO ${sqlText(lake.path(key))} (FORMAT parquet, COMPRESSION zstd)`);
  const [counted] = await warehouse.rows<{ n: number }>(
    `SELECT COUNT(*) AS n FROM read_parquet(${sqlText(lake.path(key))})`,
  );
  const bytes = await lake.get(key);
  return { rows: counted?.n ?? 0, sha256: createHash('sha256').update(bytes).digest('hex') };
}
