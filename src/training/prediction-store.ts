import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError, canonicalJson, ESTIMATOR_NAMES, type EstimatorName } from '../domain/index.ts';
import type { Lake, Warehouse } from '../platform/index.ts';
import { type Comparable, compareEstimators, type EstimatorComparison } from './compare-estimators.ts';
import type { UnseenPredictions } from './measure-lift.ts';
import type { RowPredictions, TrainingResult } from './train-estimator.ts';

/** Out-of-fold predictions of every estimator trained on the present snapshot: application_id, estimator, fold, pd, margin. */
export const OUT_OF_FOLD_KEY = 'modeled/training/out_of_fold.parquet';
export const COMPARISON_KEY = 'modeled/training/comparison.json';

type Store = { readonly warehouse: Warehouse; readonly lake: Lake };

const predictionsKey = (estimator: EstimatorName): string => `modeled/training/predictions/${estimator}.parquet`;
const summaryKey = (estimator: EstimatorName): string => `modeled/training/predictions/${estimator}.json`;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Puts the out-of-fold and test predictions of one estimator beside the snapshot, and renews `out_of_fold.parquet`.
 * Storing the same result again changes nothing.
 */
export async function storePredictions(
  { warehouse, lake }: Store,
  result: TrainingResult,
  applicationIds: readonly string[],
): Promise<void> {
  const { estimator, snapshotHash, metrics } = result.draft;
  const table = `training_${estimator}`;
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE ${table} (application_id VARCHAR, row_index BIGINT, split VARCHAR, fold INTEGER, margin DOUBLE, pd DOUBLE, defaulted INTEGER)`,
  );
  await append(warehouse, table, 'out_of_fold', result.outOfFold, applicationIds, result.outOfFold.fold);
  await append(warehouse, table, 'test', result.test, applicationIds, null);
  await copyToLake(
    { warehouse, lake },
    `SELECT '${estimator}' AS estimator, * FROM ${table} ORDER BY split, row_index`,
    predictionsKey(estimator),
  );
  await warehouse.run(`DROP TABLE ${table}`);
  const summary = { estimator, snapshotHash, metrics, seconds: result.seconds };
  await lake.put(summaryKey(estimator), `${JSON.stringify(summary, null, 2)}\n`);
  await mergeOutOfFold({ warehouse, lake });
}

/**
 * Puts predictions that a training job stored elsewhere beside the snapshot, as `storePredictions` would have here.
 * @param files by name, `<estimator>.parquet` and `<estimator>.json`
 * @returns seconds that the training took
 * @throws AssayError not_found when one is missing
 */
export async function importPredictions(
  { warehouse, lake }: Store,
  estimator: EstimatorName,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<number> {
  for (const key of [predictionsKey(estimator), summaryKey(estimator)]) {
    const name = key.split('/').at(-1)!;
    const content = files[name];
    if (content === undefined) {
      const given = Object.keys(files).slice(0, 10).join(', ') || 'none';
      throw new AssayError('not_found', { what: `the training job left no ${name}`, given });
    }
    await lake.put(key, content);
  }
  await mergeOutOfFold({ warehouse, lake });
  const { seconds } = JSON.parse(Buffer.from(files[`${estimator}.json`]!).toString('utf8'));
  return Number(seconds);
}

async function append(
  warehouse: Warehouse,
  table: string,
  split: string,
  { rows, target, margin, pd }: RowPredictions,
  applicationIds: readonly string[],
  fold: Uint8Array | null,
): Promise<void> {
  if (rows.length === 0) return;
  await warehouse.append(table, [
    Array.from(rows, (row) => applicationIds[row]!),
    Array.from(rows),
    Array.from(rows, () => split),
    Array.from(rows, (_, i) => fold?.[i] ?? null),
    Array.from(margin),
    Array.from(pd),
    Array.from(target),
  ]);
}

async function copyToLake({ warehouse, lake }: Store, select: string, key: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'assay-training-'));
  try {
    const file = join(scratch, 'part.parquet');
    await warehouse.run(`COPY (${select}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`);
    await lake.put(key, await readFile(file));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function storedEstimators(lake: Lake): Promise<EstimatorName[]> {
  const present = await Promise.all(ESTIMATOR_NAMES.map((name) => lake.exists(summaryKey(name))));
  return ESTIMATOR_NAMES.filter((_, i) => present[i]);
}

async function mergeOutOfFold(store: Store): Promise<void> {
  const files = (await storedEstimators(store.lake)).map((name) => quoted(store.lake.path(predictionsKey(name))));
  const select = `SELECT application_id, estimator, fold, pd, margin FROM read_parquet([${files.join(', ')}]) WHERE split = 'out_of_fold' ORDER BY estimator, row_index`;
  await copyToLake(store, select, OUT_OF_FOLD_KEY);
}

/**
 * Compares every estimator stored beside the present snapshot and writes `comparison.json`.
 * @throws AssayError not_found before one is trained.
 */
export async function compareStored(store: Store): Promise<EstimatorComparison> {
  const names = await storedEstimators(store.lake);
  if (names.length === 0) {
    throw new AssayError('not_found', {
      what: 'no estimator has been trained on this snapshot',
      fix: 'train one first',
    });
  }
  const trained: Comparable[] = [];
  for (const name of names) trained.push(await readComparable(store, name));
  const comparison = compareEstimators(trained);
  await store.lake.put(COMPARISON_KEY, `${JSON.stringify(comparison, null, 2)}\n`);
  return comparison;
}

/**
 * Predictions of the rows that the present version of an estimator did not see.
 * @throws AssayError not_found when it is not trained; conflict when what lies there is of another version
 */
export async function readUnseen(
  store: Store,
  { estimator, snapshotHash, metrics }: Pick<Comparable, 'estimator' | 'snapshotHash' | 'metrics'>,
): Promise<UnseenRows> {
  const { warehouse, lake } = store;
  if (!(await lake.exists(summaryKey(estimator))))
    throw new AssayError('not_found', { what: 'no predictions of this estimator', given: estimator, fix: 'train it' });
  if (!(await arePredictionsOf(lake, { estimator, snapshotHash, metrics }))) {
    throw new AssayError('conflict', {
      what: 'the predictions beside the training set are not of this version',
      given: estimator,
      fix: `train it again on the present training set: assay train --estimator ${estimator}`,
    });
  }
  const split = metrics['out_of_time'] ? 'test' : 'out_of_fold';
  const { columns } = await warehouse.columns(
    `SELECT application_id, pd, CAST(defaulted AS DOUBLE) AS defaulted, CAST(COALESCE(fold, 0) AS DOUBLE) AS fold
     FROM read_parquet(${quoted(lake.path(predictionsKey(estimator)))}) WHERE split = $1 ORDER BY row_index`,
    [split],
  );
  const [ids, pd, target, fold] = columns;
  if (ids?.kind !== 'text' || pd?.kind !== 'numeric' || target?.kind !== 'numeric' || fold?.kind !== 'numeric')
    throw new AssayError('internal', { what: 'stored predictions are not numbers', given: predictionsKey(estimator) });
  return {
    applicationIds: ids.values.map((id) => id ?? ''),
    pd: pd.values,
    target: Uint8Array.from(target.values),
    ...(split === 'out_of_fold' && { fold: Uint8Array.from(fold.values) }),
  };
}

/** Whether what lies beside the training set was predicted by this version; several versions of an estimator can be trained on it. */
export async function arePredictionsOf(
  lake: Lake,
  { estimator, snapshotHash, metrics }: Pick<Comparable, 'estimator' | 'snapshotHash' | 'metrics'>,
): Promise<boolean> {
  if (!(await lake.exists(summaryKey(estimator)))) return false;
  const kept = JSON.parse(Buffer.from(await lake.get(summaryKey(estimator))).toString('utf8'));
  return kept.snapshotHash === snapshotHash && canonicalJson(kept.metrics) === canonicalJson(metrics);
}

export type UnseenRows = UnseenPredictions & { readonly applicationIds: readonly string[] };

async function readComparable({ warehouse, lake }: Store, name: EstimatorName): Promise<Comparable> {
  const summary: Pick<Comparable, 'estimator' | 'snapshotHash' | 'metrics' | 'seconds'> = JSON.parse(
    Buffer.from(await lake.get(summaryKey(name))).toString('utf8'),
  );
  const scored = async (split: string) => {
    const { columns } = await warehouse.columns(
      `SELECT pd, CAST(defaulted AS DOUBLE) AS defaulted FROM read_parquet(${quoted(lake.path(predictionsKey(name)))}) WHERE split = $1 ORDER BY row_index`,
      [split],
    );
    const [pd, target] = columns;
    if (pd?.kind !== 'numeric' || target?.kind !== 'numeric') {
      throw new AssayError('internal', { what: 'stored predictions are not numbers', given: predictionsKey(name) });
    }
    return { pd: pd.values, target: target.values };
  };
  return { ...summary, outOfFold: await scored('out_of_fold'), test: await scored('test') };
}
