import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { AssayError, type Portfolio, type SourceFile } from '../domain/index.ts';
import type { Lake } from '../platform/index.ts';
import { STREAM_PREFIX } from './consumers/raw-file.ts';
import { hashFile } from './landed-file.ts';
import { STREAM_SOURCE } from './streamed-source.ts';

/** One source file as it lies in the raw zone, under the hash of its content. */
export type LandedSource = {
  readonly source: string;
  readonly key: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** False when the same content was there already. */
  readonly copied: boolean;
};

export type LandRequest = {
  readonly portfolio: Portfolio;
  readonly dataDirectory: string;
  readonly lake: Lake;
  readonly onProgress?: (done: number, total: number, note?: string) => void;
  readonly signal?: AbortSignal;
};

/** Which content of each source is the current one; read by processRaw when it runs on its own. */
export const LANDED_KEY = 'raw/_landed.json';
/** Node reads a file of at most this size in one piece. */
const MAX_RAW_BYTES = 2 * 1024 ** 3 - 1;

/**
 * Copies every source file of a portfolio into `raw/<source>/<sha256 first 16>/<file name>`. Content that is there
 * already is not written again and never changed. What the stream left there is listed behind them.
 * @throws AssayError not_found naming the path looked at; cancelled
 */
export async function landRaw(request: LandRequest): Promise<LandedSource[]> {
  const { portfolio, lake, onProgress } = request;
  const paths = await findSources(portfolio, request.dataDirectory);
  const landed: LandedSource[] = [];
  for (const [i, source] of portfolio.sources.entries()) {
    if (request.signal?.aborted) throw new AssayError('cancelled', { what: 'landing the source files was cancelled' });
    landed.push(await landOne(source, paths[i]!, lake));
    onProgress?.(i + 1, portfolio.sources.length, source.name);
  }
  landed.push(...(await landedByStream(lake)));
  await lake.put(
    LANDED_KEY,
    `${JSON.stringify(
      landed.map(({ copied, ...rest }) => rest),
      null,
      2,
    )}\n`,
  );
  return landed;
}

/** Files that the stream left in the raw zone, in the order of shards and sequence numbers. */
async function landedByStream(lake: Lake): Promise<LandedSource[]> {
  const landed: LandedSource[] = [];
  for (const key of await lake.list(STREAM_PREFIX)) {
    const content = await lake.get(key);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const file = key.slice(STREAM_PREFIX.length + 1);
    landed.push({ source: STREAM_SOURCE, key, file, sha256, bytes: content.length, copied: false });
  }
  return landed;
}

/** Where each source lies; all missing files are named at once. */
export async function findSources(portfolio: Portfolio, dataDirectory: string): Promise<string[]> {
  const paths = portfolio.sources.map((source) =>
    isAbsolute(source.path) ? source.path : join(resolve(dataDirectory), source.path),
  );
  const missing: string[] = [];
  for (const path of paths) if (!(await isFile(path))) missing.push(path);
  if (missing.length === 0) return paths;
  throw new AssayError('not_found', {
    what: `${missing.length} of ${paths.length} source files of portfolio "${portfolio.name}" are not there`,
    given: missing.join(', '),
    fix: `name the directory that holds them with --data DIR (looked in ${resolve(dataDirectory)})`,
  });
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ?? false;
}

async function landOne(source: SourceFile, path: string, lake: Lake): Promise<LandedSource> {
  const { sha256, bytes } = await hashFile(path);
  const file = basename(path);
  const key = `raw/${source.name}/${sha256.slice(0, 16)}/${file}`;
  // what lies there damaged is written again from the source
  const copied = !(await lake.exists(key)) || (await hashFile(lake.path(key))).sha256 !== sha256;
  if (copied) await lake.put(key, await readWhole(path, bytes, sha256));
  return { source: source.name, key, file, sha256, bytes, copied };
}

async function readWhole(path: string, bytes: number, sha256: string): Promise<Buffer> {
  if (bytes > MAX_RAW_BYTES) {
    throw new AssayError('bad_input', {
      what: `${path} is too large to land in one piece`,
      given: `${bytes} bytes`,
      allowed: `${MAX_RAW_BYTES} bytes`,
      fix: 'compress it with gzip, or split it',
    });
  }
  const content = await readFile(path);
  if (createHash('sha256').update(content).digest('hex') === sha256) return content;
  throw new AssayError('conflict', {
    what: `${path} changed while it was read`,
    fix: 'wait until it is written, then run again',
  });
}
