/**
 * BuildFeatures as Glue does it, the whole state machine of infra/asl/features.asl.json on an emulated S3: the job is written down for the
 * objects of the lake, the very script that Glue runs reads them on real Spark, the result is published, and every cell is that of
 * DuckDB. The state machine is run as on one machine; Glue is stood in for by a handler that fetches what the job names, starts the
 * script and puts its files where the job says (a local Spark has no S3). Not tested here: Glue, Step Functions, their permissions.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { loadPortfolio } from '../../portfolios/index.ts';
import { type FeatureState, runFeatureState } from '../../src/entrypoints/cloud/feature-job.ts';
import { buildFeatures, FEATURES_KEY, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  fixedClock,
  type JsonValue,
  loadConfig,
  openLocalLake,
  openSharedLake,
  openWarehouse,
  REPOSITORY_ROOT,
  readS3Object,
  runSparkJob,
  runStateMachine,
} from '../../src/platform/index.ts';
import { ministack, REGION, versitygw } from './support/emulator.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark']).status === 0;
const kind = versitygw.skip === false ? versitygw : ministack;
const skip = hasSpark ? kind.skip : `${PYTHON} has no pyspark; set ASSAY_SPARK_PYTHON`;
const LAKE_URL = 's3://features/books';

test(`features on Spark between two states, over S3 (${kind.name}): the cells of DuckDB`, { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-features-machine-'));
  const emulator = await kind.start();
  const saved = { ...process.env };
  const warehouse = await openWarehouse({ threads: 1 });
  t.after(async () => {
    process.env = saved;
    await warehouse.close();
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const { endpoint, credentials } = emulator;
  Object.assign(process.env, {
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: REGION },
    ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
  });
  const client = new S3Client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'features' }));

  const portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(folder, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 12, borrowers: 80 });
  const local = openLocalLake(join(folder, 'lake'));
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory, lake: local, warehouse, clock });
  const config = loadConfig({ ASSAY_HOME: join(folder, 'machine'), ASSAY_LAKE_URL: LAKE_URL }, folder);
  const shared = await openSharedLake(config, LAKE_URL, portfolio.name);
  for (const key of await local.list('processed')) await shared.put(key, await local.get(key));

  /** What Glue does with a job: read the objects it names, write below its output. */
  const runGlue = async (input: JsonValue): Promise<JsonValue> => {
    const { jobUri, outputUri } = (input as { job: { jobUri: string; outputUri: string } }).job;
    const inputs = join(folder, 'inputs');
    await mkdir(inputs, { recursive: true });
    let text = Buffer.from(await readS3Object(jobUri)).toString('utf8');
    const uris = [...new Set(text.match(/s3:\/\/[^"]+\.parquet/g))];
    for (const [i, uri] of uris.entries()) {
      const path = join(inputs, `${i}-${basename(uri)}`);
      await writeFile(path, await readS3Object(uri));
      text = text.replaceAll(`"${uri}"`, `"${path}"`);
    }
    const output = join(folder, 'output');
    await runSparkJob(JSON.parse(text.replaceAll(outputUri, output)), { python: PYTHON });
    const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.+)$/.exec(outputUri) ?? [];
    const files = (await readdir(output)).filter((file) => file.endsWith('.parquet'));
    for (const file of files)
      await client.send(
        new PutObjectCommand({ Bucket, Key: `${prefix}/${file}`, Body: await readFile(join(output, file)) }),
      );
    return { read: uris.length, written: files.length };
  };
  const state = (name: FeatureState) => () => runFeatureState(name, { config, portfolio, warehouse }, LAKE_URL);
  const result = await runStateMachine({
    definition: await readFile(join(REPOSITORY_ROOT, 'infra/asl/features.asl.json'), 'utf8'),
    input: { portfolio: portfolio.name },
    handlers: {
      PrepareFeatureJob: state('PrepareFeatureJob'),
      RunSpark: runGlue,
      PublishFeatures: state('PublishFeatures'),
    },
  });

  const { features, rows } = await buildFeatures({
    ...{ warehouse, lake: local, catalog: portfolio.features, tables: tablesOf(portfolio) },
  });
  assert.deepEqual(
    [(result as { rows: number }).rows, (result as { features: number }).features],
    [rows, features.length],
  );
  const other = await openSharedLake({ ...config, home: join(folder, 'another machine') }, LAKE_URL, portfolio.name);
  await other.hydrate('modeled');
  const differing = features.map(({ name }) => `COUNT(CASE WHEN a."${name}" IS DISTINCT FROM b."${name}" THEN 1 END)`);
  const [row] = await warehouse.rows<{ joined: number; differing: number }>(
    `SELECT COUNT(*) AS joined, ${differing.join(' + ')} AS differing FROM read_parquet('${local.path(FEATURES_KEY)}') a
     JOIN read_parquet('${other.path(FEATURES_KEY)}') b USING (application_id, as_of, source_row)`,
  );
  assert.deepEqual(row, { joined: rows, differing: 0 });
  assert.deepEqual(await other.list('spark/features/output'), [], 'what Spark left is gone once published');
  client.destroy();
  t.diagnostic(`${rows * features.length} cells compared, 0 differ`);
});
