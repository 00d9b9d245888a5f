export { openLocalLake } from './local-lake.ts';
export { openS3Lake, type S3Lake, type S3LakeOptions } from './s3-lake.ts';
