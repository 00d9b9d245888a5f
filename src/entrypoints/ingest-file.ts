import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { AssayError } from '../domain/index.ts';
import { type EventResult, readEvents, type Submission } from '../ingestion/index.ts';
import { loadConfig } from '../platform/index.ts';
import type { IngestOptions } from './commands/ingest.ts';
import { type CommandContext, UsageError } from './context.ts';
import { type EventBook, openEventBook, startStreamWorker } from './stream-worker/index.ts';
import { ingestProgress } from './terminal/ingest-progress.ts';

/** Rows of one call, which are one commit: two calls are under way, which is what may wait at the door. */
const BATCH_ROWS = 5_000;
/** With a rate, calls come at least so often. */
const CALLS_PER_SECOND = 10;
const OVERLOAD_PAUSE_MS = 500;
const CATCH_UP_MS = 100;

export type IngestCounts = { rows: number; accepted: number; duplicates: number; rejected: number; resumedAt: number };

/**
 * Sends a file into the stream behind its last acknowledged row, and waits until the consumers have taken it: a worker reads
 * meanwhile, unless one runs already.
 */
export async function ingestFile(context: CommandContext, file: string, options: IngestOptions): Promise<void> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const input = await inputOf(context, file);
  const onProgress = (text: string): void => context.printError(`assay: ${text}`);
  const book = await openEventBook({ config, portfolio: options.portfolio, clock: context.clock, onProgress });
  const { environment } = context;
  const worker = startStreamWorker({ portfolio: book.portfolio.name, environment, log: book.log });
  try {
    const began = performance.now();
    const counts = await send(context, book, input, options);
    await caughtUp(context, book);
    const seconds = (performance.now() - began) / 1000;
    const result = { ...counts, seconds, perSecond: Math.round(counts.rows / seconds) };
    context.print(options.json ? JSON.stringify(result) : summaryOf(result));
  } finally {
    await worker.stop();
    await book.close();
    await input.remove();
  }
}

type Input = {
  readonly path: string;
  readonly name: string;
  readonly hash: string;
  readonly remove: () => Promise<void>;
};

/** Standard input is put into a file first: what is resumed must stay the same. */
async function inputOf(context: CommandContext, file: string): Promise<Input> {
  if (file !== '-') {
    const path = resolve(context.workingDirectory, file);
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) throw new AssayError('not_found', { what: 'there is no such file', given: path });
    return { path, name: file, hash: await hashOf(path), remove: async () => {} };
  }
  const directory = await mkdtemp(join(tmpdir(), 'assay-input-'));
  const path = join(directory, 'stdin');
  await pipeline(process.stdin, createWriteStream(path));
  return { path, name: '-', hash: await hashOf(path), remove: () => rm(directory, { recursive: true, force: true }) };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function send(
  context: CommandContext,
  book: EventBook,
  input: Input,
  options: IngestOptions,
): Promise<IngestCounts> {
  const { source } = options;
  refuseUnknownSource(book, source);
  const marks = new Marks(book, source, input.hash);
  const resumedAt = options.restart ? 0 : await marks.last();
  if (resumedAt > 0) context.printError(`assay: going on behind row ${resumedAt}, which was acknowledged before`);
  const counts: IngestCounts = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, resumedAt };
  const progress = await ingestProgress(context, input.path);
  const pace = paceOf(options.rate);
  const definition = book.portfolio.sources.find(({ name }) => name === source);
  const file = { ...input, source, definition, skip: resumedAt, signal: context.signal, onBytes: progress.bytes };
  // one batch is prepared while the one before it commits; acknowledged in order, so that a mark covers all before it
  let before = Promise.resolve();
  for await (const batch of readEvents({ ...file, batch: pace.batch })) {
    await pace.wait(batch.length, context.signal);
    const taken = accepted(book, batch, context.signal);
    await before;
    before = taken.then((results) => {
      count(counts, results);
      marks.moveTo(resumedAt + counts.rows);
      progress.update(counts);
    });
    before.catch(() => {});
  }
  await before;
  await marks.written();
  progress.end();
  return counts;
}

function refuseUnknownSource({ events }: EventBook, source: string): void {
  if (events.mapper.sources.includes(source)) return;
  throw new UsageError({
    what: 'this book has no such source',
    given: source,
    allowed: events.mapper.sources.join(', '),
    fix: 'name one of them with --source',
  });
}

/** Too much at once, or a database that is away for a moment, is waited for. */
async function accepted(book: EventBook, batch: readonly Submission[], signal: AbortSignal): Promise<EventResult[]> {
  for (;;) {
    try {
      return await book.events.intake.accept(batch);
    } catch (error) {
      const isPassing = error instanceof AssayError && (error.code === 'overloaded' || error.code === 'unavailable');
      if (!isPassing || signal.aborted) throw error;
      await pause(OVERLOAD_PAUSE_MS, undefined, { signal });
    }
  }
}

function count(counts: IngestCounts, results: readonly EventResult[]): void {
  counts.rows += results.length;
  for (const { status } of results) {
    if (status === 'accepted') counts.accepted++;
    else if (status === 'duplicate') counts.duplicates++;
    else counts.rejected++;
  }
}

function paceOf(rate: number | undefined) {
  if (rate === undefined) return { batch: BATCH_ROWS, wait: async () => {} };
  const began = performance.now();
  let sent = 0;
  return {
    batch: Math.max(1, Math.min(BATCH_ROWS, Math.round(rate / CALLS_PER_SECOND))),
    wait: async (rows: number, signal: AbortSignal) => {
      const dueMs = (sent / rate) * 1000 - (performance.now() - began);
      sent += rows;
      if (dueMs > 0) await pause(dueMs, undefined, { signal });
    },
  };
}

/**
 * Where a killed run goes on. Nobody waits for a mark: it may lie a little behind what was acknowledged, and what is sent again
 * is told from what is new.
 */
class Marks {
  readonly #book: EventBook;
  readonly #key: readonly [string, string, string];
  #rows = 0;
  #writing: Promise<void> | undefined;

  constructor(book: EventBook, source: string, fileHash: string) {
    this.#book = book;
    this.#key = [book.portfolio.name, source, fileHash];
  }

  async last(): Promise<number> {
    const [row] = await this.#book.database.query<{ rows: number }>(
      'SELECT rows FROM ingest_marks WHERE portfolio = $1 AND source = $2 AND file_hash = $3',
      this.#key,
    );
    return row?.rows ?? 0;
  }

  /** Written at once, or when the mark before it has been. */
  moveTo(rows: number): void {
    this.#rows = rows;
    this.#writing ??= this.#write();
    this.#writing.catch(() => {});
  }

  /** Until the last mark is durable. @throws what kept one from it */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let written = -1; written !== this.#rows; ) {
      written = this.#rows;
      await this.#set(written);
    }
    this.#writing = undefined;
  }

  async #set(rows: number): Promise<void> {
    await this.#book.database.prepared(
      'ingest_mark',
      `INSERT INTO ingest_marks (portfolio, source, file_hash, rows, acknowledged_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (portfolio, source, file_hash) DO UPDATE SET rows = EXCLUDED.rows, acknowledged_at = EXCLUDED.acknowledged_at`,
      [...this.#key, rows, this.#book.clock.now()],
    );
  }
}

/** Until the online store has what was sent; files of the raw zone follow within seconds. */
async function caughtUp(context: CommandContext, { events }: EventBook): Promise<void> {
  while (!context.signal.aborted) {
    if ((await events.backlog(['online'])) === 0) return;
    await pause(CATCH_UP_MS, undefined, { signal: context.signal }).catch(() => {});
  }
}

function summaryOf(result: IngestCounts & { seconds: number; perSecond: number }): string {
  const { rows, accepted, duplicates, rejected, seconds, perSecond } = result;
  return `${rows} rows sent in ${seconds.toFixed(1)} s (${perSecond}/s): ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected${rejected > 0 ? ' (see assay deadletters list)' : ''}`;
}
