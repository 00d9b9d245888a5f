import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { SourceFile } from '../../domain/index.ts';
import { type DelimitedRow, type Dialect, readDelimited } from '../../platform/index.ts';
import { type RecordMaker, readOptions, recordMaker } from '../read-records.ts';
import { rawText } from '../rejects.ts';
import { isRecord } from './event.ts';
import type { Submission } from './prepare.ts';

export type EventFile = {
  readonly path: string;
  /** What to call it in the places of dead letters. */
  readonly name?: string;
  /** The source its rows belong to; a JSON line may be a whole event that names its own. */
  readonly source: string;
  /** Set for a source file of the portfolio: it is read as the portfolio says. */
  readonly definition?: SourceFile | undefined;
  /** Rows to pass over, acknowledged before. */
  readonly skip?: number;
  readonly batch: number;
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
};

/** The rows of a file as events, in batches, each with its line; what cannot be read is an event too, one that is refused. */
export function readEvents(file: EventFile): AsyncGenerator<Submission[]> {
  return inBatches(file.definition ? delimitedEvents(file, file.definition) : jsonEvents(file), file);
}

async function* inBatches(events: AsyncGenerator<Submission>, { skip = 0, batch }: EventFile) {
  let waiting: Submission[] = [];
  let row = 0;
  for await (const event of events) {
    if (row++ < skip) continue;
    waiting.push(event);
    if (waiting.length < batch) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

async function* delimitedEvents(file: EventFile, definition: SourceFile): AsyncGenerator<Submission> {
  const { path, source, signal, onBytes } = file;
  const options = { ...readOptions(definition), ...(signal && { signal }), ...(onBytes && { onBytes }) };
  const name = file.name ?? basename(path);
  let toRecord: RecordMaker | undefined;
  for await (const { dialect, rows } of readDelimited(path, options)) {
    toRecord ??= recordMaker(dialect, definition);
    for (const row of rows) yield submissionOf(row, dialect, { source, name, toRecord });
  }
}

function submissionOf(
  row: DelimitedRow,
  dialect: Dialect,
  { source, name, toRecord }: { source: string; name: string; toRecord: RecordMaker },
): Submission {
  const place = `${name}:${row.line}`;
  if (row.fault === null) return { value: { source, payload: toRecord(row.cells) }, place };
  const { field, message } = row.fault;
  return { value: { source }, original: rawText(row, dialect), place, issue: { field, reason: message } };
}

const MAX_LINE_CHARS = 1_100_000;

async function* jsonEvents({ path, source, signal, onBytes, name = basename(path) }: EventFile) {
  const bytes = createReadStream(path, signal ? { signal } : {});
  bytes.on('data', () => onBytes?.(bytes.bytesRead));
  const input = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() !== '') yield lineEvent(text, source, `${name}:${line}`);
  }
}

/** A line is a whole event, or the payload of one. */
function lineEvent(text: string, source: string, place: string): Submission {
  if (text.length > MAX_LINE_CHARS) {
    const issue = { field: null, reason: `longer than ${MAX_LINE_CHARS} characters` };
    return { value: { source }, original: text.slice(0, MAX_LINE_CHARS), place, issue };
  }
  const value = jsonOf(text);
  if (value === undefined) return { value: { source }, original: text, place, issue: NOT_JSON };
  const isEvent = isRecord(value) && 'source' in value && 'payload' in value;
  return isEvent ? { value, original: text, place } : { value: { source, payload: value }, place };
}

const NOT_JSON = { field: null, reason: 'not JSON' };

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
