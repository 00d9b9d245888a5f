import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { AssayError } from '../../domain/index.ts';
import type { Lake } from '../contract.ts';
import { pathOfKey } from './key.ts';
import { openLocalLake } from './local-lake.ts';
import { type CatalogContent, changeCatalog, readCatalog } from './s3-catalog.ts';
import { hasStatus } from './s3-errors.ts';

export type S3LakeOptions = {
  readonly client: S3Client;
  readonly bucket: string;
  /** '' or a folder of the bucket, ending in '/'. */
  readonly prefix: string;
  /** Copies of objects for engines that read files; may be lost at any time. */
  readonly cacheDirectory: string;
};

export type S3Lake = Lake & {
  /**
   * Brings the cached copies under a prefix up to date: what changed is fetched, what is gone is removed. Before this, or
   * `get`, of a key that another machine wrote, `path` of it may name a file that is not there.
   * @returns how many objects were fetched
   */
  hydrate(prefix: string): Promise<number>;
  /** Makes the objects under a prefix what the files under its path are: what a program wrote there without `put`. */
  upload(prefix: string): Promise<void>;
  /** Where the object of a key lies now: what Spark and Redshift are told to read. */
  objectUri(key: string): Promise<string>;
};

/** Objects moved at once. */
const CONCURRENCY = 16;
/** Most keys one DeleteObjects takes. */
const DELETE_BATCH = 1000;
/** Times that a reader follows publishers who are faster. */
const MAX_READS = 20;
const ETAGS_FILE = '.etags.json';

/**
 * A lake in S3, as whole as the local one: single objects are whole by nature, and a published folder is switched by one
 * conditional write of the catalog. A key lies at `<prefix>data/<key>`, or, under a published target, in
 * `<prefix>versions/<id>/`; one version before the present is kept for readers under way.
 * Engines read files, so every put goes to a local copy too, and files that an engine wrote under a staging folder are
 * uploaded by `publish`.
 */
export async function openS3Lake(options: S3LakeOptions): Promise<S3Lake> {
  const lake = new S3LakeEngine(options);
  await lake.loadEtags();
  return lake;
}

class S3LakeEngine implements S3Lake {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #cache: Lake;
  readonly #cacheDirectory: string;
  #etags: Record<string, string> = {};

  constructor({ client, bucket, prefix, cacheDirectory }: S3LakeOptions) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#cacheDirectory = cacheDirectory;
    this.#cache = openLocalLake(join(cacheDirectory, 'files'));
  }

  async loadEtags(): Promise<void> {
    this.#etags = await readFile(join(this.#cacheDirectory, ETAGS_FILE), 'utf8')
      .then(JSON.parse)
      .catch(() => ({}));
  }

  path(key: string): string {
    return this.#cache.path(key);
  }

  async put(key: string, content: Uint8Array | string): Promise<void> {
    checkKey(key);
    const object = objectOf(await this.#catalog(), key);
    const Body = typeof content === 'string' ? Buffer.from(content) : content;
    const put = new PutObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + object, Body });
    const { ETag = '' } = await this.#client.send(put);
    await this.#cache.put(key, content);
    this.#etags[key] = ETag;
  }

  async get(key: string): Promise<Uint8Array> {
    checkKey(key);
    return again(async () => {
      const catalog = await this.#catalog();
      const Key = this.#prefix + objectOf(catalog, key);
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (!hasStatus(error, 404)) throw error;
        await this.#checkStands(catalog);
        return (await this.#isWrittenHere(key)) ? this.#cache.get(key) : notFound(key)(error);
      }
    });
  }

  async exists(key: string): Promise<boolean> {
    checkKey(key);
    const object = objectOf(await this.#catalog(), key);
    const isThere = await this.#client
      .send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + object }))
      .then(
        () => true,
        (error: unknown) => {
          if (hasStatus(error, 404)) return false;
          throw error;
        },
      );
    return isThere || (await this.#isWrittenHere(key)) || (await this.#objects(key, 1)).length > 0;
  }

  async list(prefix: string): Promise<string[]> {
    return (await this.#objects(prefix)).map(({ key }) => key);
  }

  async publish(staging: string, target: string): Promise<void> {
    checkKey(target);
    await this.#uploadCacheOnly(staging);
    const staged = await this.#objects(staging);
    if (staged.length === 0) return notFound(staging)(undefined);
    const folder = `versions/${randomUUID()}/`;
    await inParallel(staged, ({ key, object }) => this.#copy(object, folder + key.slice(staging.length + 1)));
    const { before } = await changeCatalog(this.#place(), (content) => ({
      ...withoutBelow(content, target),
      [target]: { folder, previous: content[target]?.folder ?? null },
    }));
    await this.#forget(before, target);
    await this.remove(staging);
    await this.hydrate(target);
  }

  async remove(prefix: string): Promise<void> {
    checkKey(prefix);
    const objects = await this.#objects(prefix);
    const below = Object.keys(await this.#catalog()).filter((target) => isWithin(target, prefix));
    if (below.length > 0) await changeCatalog(this.#place(), (content) => withoutBelow(content, prefix));
    await this.#delete(objects.map(({ object }) => object));
    await this.#cache.remove(prefix);
    for (const { key } of objects) delete this.#etags[key];
  }

  hydrate(prefix: string): Promise<number> {
    return again(() => this.#hydrate(prefix));
  }

  async #hydrate(prefix: string): Promise<number> {
    const objects = await this.#objects(prefix);
    const present = new Map(objects.map(({ key, etag }) => [key, etag]));
    for (const key of await this.#cache.list(prefix)) if (!present.has(key)) await this.#cache.remove(key);
    const stale = objects.filter(({ key, etag }) => this.#etags[key] !== etag);
    const missing = await Promise.all(objects.map(async (object) => !(await this.#cache.exists(object.key))));
    const wanted = new Set([...stale, ...objects.filter((_, i) => missing[i])]);
    await inParallel([...wanted], ({ key, object, etag }) => this.#fetch(key, object, etag));
    await mkdir(this.#cacheDirectory, { recursive: true });
    await writeFile(join(this.#cacheDirectory, ETAGS_FILE), JSON.stringify(this.#etags));
    return wanted.size;
  }

  async upload(prefix: string): Promise<void> {
    const files = new Set(await this.#cache.list(prefix));
    const objects = await this.#objects(prefix);
    await this.#delete(objects.filter(({ key }) => !files.has(key)).map(({ object }) => object));
    await this.#uploadFiles([...files]);
  }

  async objectUri(key: string): Promise<string> {
    checkKey(key);
    return `s3://${this.#bucket}/${this.#prefix}${objectOf(await this.#catalog(), key)}`;
  }

  /** A file that an engine put there by `path` and nobody has published yet; a copy of an object has its tag noted. */
  async #isWrittenHere(key: string): Promise<boolean> {
    return this.#etags[key] === undefined && (await this.#cache.exists(key));
  }

  #place() {
    return { client: this.#client, bucket: this.#bucket, prefix: this.#prefix };
  }

  #catalog(): Promise<CatalogContent> {
    return readCatalog(this.#place());
  }

  /** @throws VersionGone when a version that a catalog names is no longer kept: what was read of it may be cut short */
  async #checkStands(read: CatalogContent): Promise<void> {
    const kept = new Set(Object.values(await this.#catalog()).flatMap(({ folder, previous }) => [folder, previous]));
    const gone = Object.values(read).find(({ folder }) => !kept.has(folder));
    if (gone !== undefined) throw new VersionGone(gone.folder);
  }

  /** Keys under a prefix with where they lie, sorted by key. */
  #objects(prefix: string, limit?: number): Promise<StoredObject[]> {
    if (prefix !== '') checkKey(prefix);
    return again(() => this.#listVersion(prefix, limit));
  }

  async #listVersion(prefix: string, limit = Number.POSITIVE_INFINITY): Promise<StoredObject[]> {
    const catalog = await this.#catalog();
    const found = new Map<string, StoredObject>();
    for (const { from, key } of placesOf(catalog, prefix)) {
      for (const { name, etag } of await this.#listObjects(from, limit)) {
        const ofKey = key + name.slice(from.length);
        // What lies in data/ under a published target was there before it was published.
        if (isWithin(ofKey, prefix) && objectOf(catalog, ofKey) === name)
          found.set(ofKey, { key: ofKey, object: name, etag });
      }
    }
    await this.#checkStands(catalog);
    return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #listObjects(from: string, limit: number): Promise<{ name: string; etag: string }[]> {
    const names: { name: string; etag: string }[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#prefix + from, ContinuationToken }),
      );
      for (const { Key = '', ETag = '' } of page.Contents ?? [])
        names.push({ name: Key.slice(this.#prefix.length), etag: ETag });
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined && names.length < limit);
    return names;
  }

  /** Files that an engine wrote into the cache by `path`, without `put`. */
  async #uploadCacheOnly(staging: string): Promise<void> {
    const stored = new Set(await this.list(staging));
    await this.#uploadFiles((await this.#cache.list(staging)).filter((key) => !stored.has(key)));
  }

  /** In parts when it is large, whole or not at all in any case. */
  async #uploadFiles(keys: readonly string[]): Promise<void> {
    const catalog = await this.#catalog();
    await inParallel(keys, async (key) => {
      const Key = this.#prefix + objectOf(catalog, key);
      const params = { Bucket: this.#bucket, Key, Body: createReadStream(this.path(key)) };
      await new Upload({ client: this.#client, params }).done();
    });
  }

  async #copy(from: string, to: string): Promise<void> {
    const CopySource = `${this.#bucket}/${`${this.#prefix}${from}`.split('/').map(encodeURIComponent).join('/')}`;
    await this.#client.send(new CopyObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + to, CopySource }));
  }

  /** After a publish: the version before the previous one, and what lay in data/ under the target. */
  async #forget(before: CatalogContent, target: string): Promise<void> {
    const oldest = before[target]?.previous;
    const nested = Object.entries(before).filter(([name]) => name !== target && isWithin(name, target));
    const folders = [oldest, ...nested.map(([, { folder }]) => folder)].filter((folder) => typeof folder === 'string');
    for (const from of [...folders, `data/${target}/`])
      await this.#delete((await this.#listObjects(from, Number.POSITIVE_INFINITY)).map(({ name }) => name));
  }

  async #delete(objects: readonly string[]): Promise<void> {
    for (let i = 0; i < objects.length; i += DELETE_BATCH) {
      const Objects = objects.slice(i, i + DELETE_BATCH).map((name) => ({ Key: this.#prefix + name }));
      await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }));
    }
  }

  async #fetch(key: string, object: string, etag: string): Promise<void> {
    const found = await this.#client
      .send(new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + object }))
      .catch((error: unknown) => {
        throw hasStatus(error, 404) ? new VersionGone(object) : error;
      });
    const path = this.path(key);
    const part = join(this.#cacheDirectory, `part-${randomUUID()}`);
    await mkdir(dirname(path), { recursive: true });
    try {
      await pipeline(readableOf(found.Body), createWriteStream(part));
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    this.#etags[key] = etag;
  }
}

/** Others published twice since the catalog was read, so the version it names was removed. */
class VersionGone extends AssayError {
  constructor(place: string) {
    super('conflict', {
      what: 'what was read of the lake was replaced twice meanwhile',
      given: place,
      fix: 'run one pipeline of a book at a time',
    });
  }
}

/** Reads again, from the catalog on, what others replaced while it was read. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof VersionGone) || attempt === MAX_READS) throw error;
    }
  }
}

type StoredObject = { readonly key: string; readonly object: string; readonly etag: string };

/** Keys have one rule in every lake; the root does not matter for it. */
function checkKey(key: string): void {
  pathOfKey('/', key);
}

function isWithin(key: string, prefix: string): boolean {
  return prefix === '' || key === prefix || key.startsWith(`${prefix}/`);
}

/** Where a key lies: in the version of the nearest published target above it, else in data/. */
function objectOf(catalog: CatalogContent, key: string): string {
  const target = Object.keys(catalog)
    .filter((name) => key.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
  return target === undefined ? `data/${key}` : `${catalog[target]!.folder}${key.slice(target.length + 1)}`;
}

/** Every folder of objects that may hold keys under a prefix, with the key its start stands for. */
function placesOf(catalog: CatalogContent, prefix: string): { from: string; key: string }[] {
  const published = Object.entries(catalog).filter(([target]) => isWithin(target, prefix) || isWithin(prefix, target));
  return [
    { from: `data/${prefix}`, key: prefix },
    ...published.map(([target, { folder }]) => ({ from: folder, key: `${target}/` })),
  ];
}

function withoutBelow(content: CatalogContent, prefix: string): CatalogContent {
  return Object.fromEntries(Object.entries(content).filter(([target]) => !isWithin(target, prefix)));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, worker));
}

function readableOf(body: unknown): NodeJS.ReadableStream {
  if (body !== null && typeof body === 'object' && 'pipe' in body) return body as NodeJS.ReadableStream;
  throw new AssayError('internal', { what: 'an object of S3 came without a stream' });
}

function notFound(key: string): (cause: unknown) => never {
  return (cause) => {
    if (cause !== undefined && !hasStatus(cause, 404)) throw cause;
    throw new AssayError('not_found', { what: 'the lake has no such key', given: key }, { cause });
  };
}
