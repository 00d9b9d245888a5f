import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { AssayError } from '../../domain/index.ts';
import { hasStatus } from './s3-errors.ts';

/** Which folder of object versions stands for a published key; the one before is kept for readers under way. */
export type Published = { readonly folder: string; readonly previous: string | null };
export type CatalogContent = Readonly<Record<string, Published>>;

/** S3 renames nothing, so what is published lies in a folder of its own and this one object says which; it changes in one write. */
const CATALOG_FILE = '_published.json';
const MAX_ATTEMPTS = 20;
const CONFLICT = [409, 412];

type Place = { readonly client: S3Client; readonly bucket: string; readonly prefix: string };

/** The catalog as it is now: read on every use, since another machine may have published. */
export async function readCatalog(place: Place): Promise<CatalogContent> {
  return (await read(place)).content;
}

/**
 * Changes the catalog by compare and swap: written only if nobody wrote in between, else read and changed again.
 * @throws AssayError conflict when others keep winning
 */
export async function changeCatalog(
  place: Place,
  change: (content: CatalogContent) => CatalogContent,
): Promise<{ readonly before: CatalogContent; readonly after: CatalogContent }> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { content: before, etag } = await read(place);
    const after = change(before);
    const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
    const body = `${JSON.stringify(after, null, 2)}\n`;
    const written = await place.client
      .send(new PutObjectCommand({ Bucket: place.bucket, Key: keyOf(place), Body: body, ...condition }))
      .then(
        () => true,
        (error: unknown) => {
          if (hasStatus(error, ...CONFLICT)) return false;
          throw error;
        },
      );
    if (written) return { before, after };
  }
  throw new AssayError('conflict', {
    what: 'others keep publishing to the lake',
    given: `${MAX_ATTEMPTS} attempts`,
    fix: 'run one pipeline of a book at a time',
  });
}

async function read(place: Place): Promise<{ content: CatalogContent; etag: string | undefined }> {
  try {
    const found = await place.client.send(new GetObjectCommand({ Bucket: place.bucket, Key: keyOf(place) }));
    return { content: parse(await found.Body?.transformToString()), etag: found.ETag };
  } catch (error) {
    if (hasStatus(error, 404)) return { content: {}, etag: undefined };
    throw error;
  }
}

function parse(text: string | undefined): CatalogContent {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    const fix = `restore an earlier version of ${CATALOG_FILE} in the bucket`;
    throw new AssayError(
      'tampered',
      { what: 'the catalog of the lake is not JSON', given: CATALOG_FILE, fix },
      { cause },
    );
  }
}

const keyOf = ({ prefix }: Place): string => `${prefix}${CATALOG_FILE}`;
