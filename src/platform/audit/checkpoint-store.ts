import type { S3Client } from '@aws-sdk/client-s3';
import type { Config } from '../config.ts';

/** Checkpoints where what was put cannot be changed: one numbering for every machine of an installation. */
export interface CheckpointStore {
  /** Lines from a number on, in order. */
  from(portfolio: string, number: number): Promise<StoredLine[]>;
  /** False when that number is taken: another machine was first. */
  put(portfolio: string, stored: StoredLine): Promise<boolean>;
}
export type StoredLine = { readonly number: number; readonly line: string };

const DIGITS = 10;
/** Lines fetched at a time. */
const AT_A_TIME = 16;
const TAKEN = new Set([409, 412]);

/** The store of the configuration; undefined: checkpoints lie in the data directory alone. */
export async function openCheckpointStore({ auditUrl }: Config): Promise<CheckpointStore | undefined> {
  if (auditUrl === undefined) return undefined;
  const { S3Client } = await import('@aws-sdk/client-s3');
  return s3CheckpointStore(new S3Client({ forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined }), auditUrl);
}

/** One object a checkpoint, `<folder>/<portfolio>/<number>.json`; the bucket's own retention locks it. */
export function s3CheckpointStore(client: S3Client, url: string): CheckpointStore {
  const [Bucket = '', ...folders] = url.slice('s3://'.length).split('/').filter(Boolean);
  const folderOf = (portfolio: string): string => [...folders, portfolio, ''].join('/');
  const keyOf = (portfolio: string, number: number): string =>
    `${folderOf(portfolio)}${String(number).padStart(DIGITS, '0')}.json`;
  const keysFrom = async (portfolio: string, number: number): Promise<string[]> => {
    const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
    const keys: string[] = [];
    const request = { Bucket, Prefix: folderOf(portfolio), StartAfter: keyOf(portfolio, number - 1) };
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, request))
      keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
    return keys.sort();
  };
  const read = async (Key: string): Promise<StoredLine> => {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    return { number: Number(Key.slice(-DIGITS - 5, -5)), line: (await Body?.transformToString()) ?? '' };
  };
  return {
    async from(portfolio, number) {
      const keys = await keysFrom(portfolio, number);
      const lines: StoredLine[] = [];
      for (let at = 0; at < keys.length; at += AT_A_TIME)
        lines.push(...(await Promise.all(keys.slice(at, at + AT_A_TIME).map(read))));
      return lines;
    },
    async put(portfolio, { number, line }) {
      const { PutObjectCommand, S3ServiceException } = await import('@aws-sdk/client-s3');
      const object = { Bucket, Key: keyOf(portfolio, number), Body: line, ContentType: 'application/json' };
      // a locked bucket asks for a sum of the content
      return client.send(new PutObjectCommand({ ...object, IfNoneMatch: '*', ChecksumAlgorithm: 'SHA256' })).then(
        () => true,
        (error: unknown) => {
          const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
          if (status !== undefined && TAKEN.has(status)) return false;
          throw error;
        },
      );
    },
  };
}
