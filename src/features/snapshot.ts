import { createHash } from 'node:crypto';
import { AssayError, type Frame, outcomesTable, type SplitPlan } from '../domain/index.ts';
import { type Lake, lakeJson, type Warehouse } from '../platform/index.ts';
import { FEATURES_KEY, type ManifestFeature } from './build-features.ts';
import { copyToLake } from './copy-to-lake.ts';
import { type FeatureFrame, identityOf, numbersOf, readFrame, readManifest, textsOf } from './feature-frame.ts';
import { createProcessedViews, inSchema, quotedPath, requireKey, withSchema } from './processed-views.ts';

export const SNAPSHOT_KEY = 'modeled/training/snapshot.parquet';
export const SNAPSHOT_MANIFEST_KEY = 'modeled/training/snapshot.json';
const STAGING = 'staging/training';

export type SnapshotManifest = {
  readonly format: 'assay-snapshot/1';
  /** sha256 over names, identities, values, labels, folds and splits, in order of source_row. */
  readonly snapshotHash: string;
  readonly catalogHash: string;
  readonly plan: SplitPlan;
  readonly rows: number;
  readonly defaults: number;
  readonly trainRows: number;
  readonly testRows: number;
  /** Applications without a known outcome, left out. */
  readonly unlabelledRows: number;
  readonly features: readonly ManifestFeature[];
};

export type Snapshot = Omit<FeatureFrame, 'manifest' | 'sourceRows'> & {
  readonly manifest: SnapshotManifest;
  readonly frame: Frame;
  /** 1 = defaulted. */
  readonly target: Uint8Array;
  readonly fold: Int32Array;
  /** 1 = of the test split. */
  readonly isTest: Uint8Array;
};

export type SnapshotOptions = { readonly warehouse: Warehouse; readonly lake: Lake; readonly split: SplitPlan };

/**
 * Fold of the row at a position: the first four bytes of sha256("<name>:<position>"), big endian, modulo `folds`.
 * @example foldOf('german', 0, 5)
 */
export function foldOf(name: string, position: number, folds: number): number {
  return createHash('sha256').update(`${name}:${position}`).digest().readUInt32BE(0) % folds;
}

/**
 * Freezes what training reads: features and outcome of every labelled application, with fold and split. Every row has a
 * fold, counted over all labelled rows; out of time, training uses the folds of the train rows. Building twice from the same
 * lake gives the same bytes and the same hash, and writes once.
 * @throws AssayError not_found before features are built; bad_input when no outcome is known or one split is empty.
 */
export async function buildSnapshot({ warehouse, lake, split }: SnapshotOptions): Promise<SnapshotManifest> {
  const features = await readManifest(lake);
  const schema = 'snapshot_build';
  return withSchema(warehouse, schema, async () => {
    await createProcessedViews({ warehouse, lake }, schema, [outcomesTable]);
    const relation = inSchema(schema);
    await warehouse.run(labelledSql(lake, split, relation));
    const [counts] = await warehouse.rows<{ rows: number; unlabelled: number }>(
      `SELECT (SELECT COUNT(*) FROM ${relation('labelled')}) AS rows, ${features.rows} - (SELECT COUNT(*) FROM ${relation('labelled')}) AS unlabelled`,
    );
    await assignFolds(warehouse, `${schema}.folds`, split, counts!.rows);
    await lake.remove(STAGING);
    const content = await copyToLake(
      { warehouse, lake },
      `SELECT l.* EXCLUDE (_position, _split), CAST(f.fold AS INTEGER) AS fold, l._split AS split
FROM ${relation('labelled')} l JOIN ${relation('folds')} f ON f.position = l._position ORDER BY l._position`,
      `${STAGING}/snapshot.parquet`,
      (path) => readContent(warehouse, path, features.features),
    );
    if (!content) throw new Error('the snapshot was not read back');
    const manifest: SnapshotManifest = {
      format: 'assay-snapshot/1',
      snapshotHash: hashOf(content),
      catalogHash: features.catalogHash,
      plan: split,
      ...countsOf(content),
      unlabelledRows: counts!.unlabelled,
      features: features.features,
    };
    await publish(lake, manifest);
    return manifest;
  });
}

function labelledSql(lake: Lake, split: SplitPlan, relation: (name: string) => string): string {
  const splitName =
    split.kind === 'folds'
      ? `'train'`
      : `CASE WHEN f.as_of < CAST('${isoMoment(split.trainUntil)}' AS TIMESTAMP) THEN 'train' ELSE 'test' END`;
  return `CREATE TABLE ${relation('labelled')} AS
SELECT f.*, CAST(o.defaulted AS INTEGER) AS defaulted, ${splitName} AS _split,
  ROW_NUMBER() OVER (ORDER BY f.source_row, f.application_id) - 1 AS _position
FROM read_parquet(${quotedPath(lake.path(FEATURES_KEY))}) f
JOIN ${relation('outcomes')} o ON o.application_id = f.application_id
WHERE o.defaulted IS NOT NULL`;
}

function isoMoment(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}([T ][\d:.]+Z?)?$/.test(text)) return text;
  throw new AssayError('bad_input', { what: 'split.trainUntil is not a date', given: text, allowed: 'YYYY-MM-DD' });
}

async function assignFolds(warehouse: Warehouse, table: string, split: SplitPlan, rows: number): Promise<void> {
  if (rows === 0) {
    throw new AssayError('bad_input', {
      what: 'no loan application has a known outcome',
      fix: 'ingest outcomes: the table "outcomes" needs application_id and defaulted (0 or 1)',
    });
  }
  const positions = Array.from({ length: rows }, (_, position) => position);
  await warehouse.run(`CREATE TABLE ${table} (position BIGINT, fold BIGINT)`);
  await warehouse.append(table, [positions, positions.map((position) => foldOf(split.name, position, split.folds))]);
}

type Content = Omit<Snapshot, 'manifest'>;

async function readContent(warehouse: Warehouse, path: string, features: readonly ManifestFeature[]): Promise<Content> {
  const { frame, extra } = await readFrame(warehouse, path, { features }, { extra: ['defaulted', 'fold', 'split'] });
  return {
    frame,
    ...identityOf(extra),
    target: Uint8Array.from(numbersOf(extra, 'defaulted')),
    fold: Int32Array.from(numbersOf(extra, 'fold')),
    isTest: Uint8Array.from(textsOf(extra, 'split'), (split) => (split === 'test' ? 1 : 0)),
  };
}

function countsOf({
  target,
  isTest,
  frame,
}: Content): Pick<SnapshotManifest, 'rows' | 'defaults' | 'trainRows' | 'testRows'> {
  const sum = (values: Uint8Array): number => values.reduce((total, value) => total + value, 0);
  const testRows = sum(isTest);
  if (testRows === frame.rowCount) {
    throw new AssayError('bad_input', {
      what: 'no labelled application lies before split.trainUntil',
      fix: 'choose a later trainUntil',
    });
  }
  return { rows: frame.rowCount, defaults: sum(target), trainRows: frame.rowCount - testRows, testRows };
}

function hashOf({ frame, applicationIds, borrowerIds, asOf, target, fold, isTest }: Content): string {
  const hash = createHash('sha256');
  const add = (part: string | Uint8Array): void => void hash.update(`${part.length}:`).update(part);
  const bytes = (values: Float64Array | Int32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  add(JSON.stringify([applicationIds, borrowerIds, asOf]));
  for (const column of frame.columns) {
    add(JSON.stringify([column.name, column.kind, column.kind === 'categorical' ? column.levels : null]));
    // One NaN and one zero: other bit patterns of the same value must not change the hash.
    add(
      bytes(
        column.kind === 'numeric'
          ? column.values.map((value) => (Number.isNaN(value) ? Number.NaN : value + 0))
          : column.codes,
      ),
    );
  }
  add(target);
  add(bytes(fold));
  add(isTest);
  return hash.digest('hex');
}

async function publish(lake: Lake, manifest: SnapshotManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const current = (await lake.exists(SNAPSHOT_MANIFEST_KEY))
    ? Buffer.from(await lake.get(SNAPSHOT_MANIFEST_KEY)).toString('utf8')
    : null;
  // The same snapshot is left as it lies, with the predictions that training has put beside it.
  if (current === text && (await lake.exists(SNAPSHOT_KEY))) return lake.remove(STAGING);
  await lake.put(`${STAGING}/snapshot.json`, text);
  await lake.publish(STAGING, 'modeled/training');
}

/** @throws AssayError not_found before the snapshot is built. */
export async function readSnapshot({
  warehouse,
  lake,
}: {
  readonly warehouse: Warehouse;
  readonly lake: Lake;
}): Promise<Snapshot> {
  await requireKey(lake, SNAPSHOT_MANIFEST_KEY, 'snapshot');
  const manifest = await lakeJson<SnapshotManifest>(lake, SNAPSHOT_MANIFEST_KEY);
  return { ...(await readContent(warehouse, lake.path(SNAPSHOT_KEY), manifest.features)), manifest };
}
