import { publishSparkFeatures, sparkJobOf, tablesOf } from '../../features/index.ts';
import type { JsonObject } from '../../pipeline/index.ts';
import { openSharedLake, type S3Lake } from '../../platform/index.ts';
import type { System } from '../system.ts';

/** States of infra/asl/features.asl.json: the state BuildFeatures, when Spark does the work between them. */
export const FEATURE_STATES = ['PrepareFeatureJob', 'PublishFeatures'] as const;
export type FeatureState = (typeof FEATURE_STATES)[number];

const JOB_KEY = 'spark/features/job.json';
const OUTPUT_PREFIX = 'spark/features/output';

type FeatureSystem = Pick<System, 'config' | 'portfolio' | 'warehouse'>;

export async function runFeatureState(
  state: FeatureState,
  system: FeatureSystem,
  lakeUrl: string,
): Promise<JsonObject> {
  const lake = await openSharedLake(system.config, lakeUrl, system.portfolio.name);
  return state === 'PrepareFeatureJob' ? prepare(system, lake) : publish(system, lake);
}

/** The SQL, and the very objects to read: a folder would be read while somebody publishes another. */
async function prepare({ portfolio }: FeatureSystem, lake: S3Lake): Promise<JsonObject> {
  await lake.remove(OUTPUT_PREFIX);
  const filesOf = async (table: string): Promise<string[]> => {
    const keys = (await lake.list(`processed/${table}`)).filter((key) => key.endsWith('.parquet'));
    return Promise.all(keys.map((key) => lake.objectUri(key)));
  };
  const output = await lake.objectUri(OUTPUT_PREFIX);
  const job = await sparkJobOf({ catalog: portfolio.features, tables: tablesOf(portfolio), filesOf, output });
  await lake.put(JOB_KEY, JSON.stringify(job, null, 2));
  return { jobUri: await lake.objectUri(JOB_KEY), outputUri: output };
}

async function publish({ portfolio, warehouse }: FeatureSystem, lake: S3Lake): Promise<JsonObject> {
  await lake.hydrate(OUTPUT_PREFIX);
  const keys = (await lake.list(OUTPUT_PREFIX)).filter((key) => key.endsWith('.parquet'));
  const { catalogHash, rows, features } = await publishSparkFeatures({
    warehouse,
    lake,
    catalog: portfolio.features,
    tables: tablesOf(portfolio),
    files: keys.map((key) => lake.path(key)),
  });
  await lake.remove(OUTPUT_PREFIX);
  return { catalogHash, rows, features: features.length };
}
