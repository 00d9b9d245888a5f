import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Lake } from '../contract.ts';
import { openLocalLake } from './local-lake.ts';
import type { S3Lake } from './s3-lake.ts';

/**
 * A lake by name (`simulated-bank`): a folder of ASSAY_LAKE_URL when that is set, of the data directory otherwise. What other
 * machines wrote is fetched first, so that engines find it by path; `only` limits that to some prefixes.
 */
export async function openLake(config: Config, name: string, only: readonly string[] = ['']): Promise<Lake> {
  if (config.lakeUrl === undefined) return openLocalLake(join(config.home, 'lake', name));
  const lake = await openSharedLake(config, config.lakeUrl, name);
  for (const prefix of only) await lake.hydrate(prefix);
  return lake;
}

/** The lake in S3 under a URL. The SDK is loaded only here: who has no lake there never waits for it. */
export async function openSharedLake(config: Config, lakeUrl: string, name: string): Promise<S3Lake> {
  const [{ S3Client }, { openS3Lake }] = await Promise.all([import('@aws-sdk/client-s3'), import('./s3-lake.ts')]);
  const { bucket, folder } = partsOf(lakeUrl);
  return openS3Lake({
    // Emulators are reached by an endpoint of their own, where a bucket is a folder and not a host.
    client: new S3Client({ forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined }),
    bucket,
    prefix: `${folder}${name}/`,
    cacheDirectory: join(config.home, 'lake-cache', name),
  });
}

function partsOf(lakeUrl: string): { bucket: string; folder: string } {
  const [bucket = '', ...folders] = lakeUrl.slice('s3://'.length).split('/');
  return {
    bucket,
    folder: folders
      .filter((part) => part !== '')
      .map((part) => `${part}/`)
      .join(''),
  };
}
