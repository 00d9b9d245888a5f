import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Config } from '../config.ts';
import type { Lake } from '../contract.ts';
import { openLocalLake } from './local-lake.ts';
import { hasStatus } from './s3-errors.ts';
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

/**
 * One object of S3, wherever it lies: what another service wrote.
 * @throws AssayError not_found
 */
export async function readS3Object(uri: string): Promise<Uint8Array> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined });
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (cause) {
    if (!hasStatus(cause, 404)) throw cause;
    throw new AssayError('not_found', { what: 'there is no such object', given: uri }, { cause });
  } finally {
    client.destroy();
  }
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
