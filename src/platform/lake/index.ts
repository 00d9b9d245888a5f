export { allThere } from './all-there.ts';
export { lakeJson } from './lake-json.ts';
export { openLocalLake } from './local-lake.ts';
export { openLake, openSharedLake, readS3Object } from './open-lake.ts';
export type { S3Lake, S3LakeOptions } from './s3-lake.ts';
