import { z } from 'zod';
import { takeDelivered } from '../../ingestion/index.ts';
import { loadConfig, OnlineStore, type ReceivedRecord } from '../../platform/index.ts';
import { type EventBook, openEventBook } from '../stream-worker/index.ts';

/** A batch of one shard, as Lambda gives it. */
const batchSchema = z.object({
  Records: z
    .array(
      z.object({
        eventID: z.string(),
        kinesis: z.object({ sequenceNumber: z.string(), data: z.string(), approximateArrivalTimestamp: z.number() }),
      }),
    )
    .min(1),
});

type Batch = z.infer<typeof batchSchema>;
/** Everything from the first of these on is delivered again. */
type Answer = { readonly batchItemFailures: { readonly itemIdentifier: string }[] };

const clock = { now: () => new Date() };
/** Kept between calls: a function that is warm has its connections. */
let book: Promise<EventBook> | undefined;

function openBook(): Promise<EventBook> {
  book ??= openEventBook({
    config: loadConfig(process.env, process.cwd()),
    portfolio: process.env['ASSAY_PORTFOLIO'] ?? '',
    clock,
    hydrate: [],
  });
  book.catch(() => {
    book = undefined;
  });
  return book;
}

/**
 * Kinesis into the lake and the online store. An event that is wrong is a dead letter of ours and counts as taken; when nothing can
 * be stored, the answer names the first record, so that all are delivered again, and in halves while that goes on.
 */
export async function handler(event: unknown): Promise<Answer> {
  const { Records } = batchSchema.parse(event);
  try {
    const { database, lake, portfolio, events } = await openBook();
    const { mapper, letters, stream, erased } = events;
    const sink = new OnlineStore({ database, portfolio: portfolio.name, tables: mapper.tables, clock });
    const options = { database, lake, mapper, letters, sink, erased, portfolio: portfolio.name, stream: stream.name };
    const delivery = await takeDelivered(options, shardOf(Records), Records.map(recordOf));
    console.info(JSON.stringify({ records: Records.length, ...delivery }));
    return { batchItemFailures: [] };
  } catch (error) {
    console.error(error instanceof Error ? error.stack : error);
    return { batchItemFailures: [{ itemIdentifier: Records[0]!.kinesis.sequenceNumber }] };
  }
}

/** `shardId-000000000000:4954…` */
function shardOf([first]: Batch['Records']): string {
  return first?.eventID.split(':')[0] ?? '';
}

function recordOf({ kinesis }: Batch['Records'][number]): ReceivedRecord {
  return {
    partitionKey: '',
    data: Buffer.from(kinesis.data, 'base64'),
    sequenceNumber: kinesis.sequenceNumber,
    arrivedAt: new Date(kinesis.approximateArrivalTimestamp * 1000),
  };
}
