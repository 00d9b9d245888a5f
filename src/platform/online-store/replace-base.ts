import type { Database } from '../contract.ts';
import { aheadOf } from './book.ts';
import { type BaseBlock, packBlock } from './stored-facts.ts';

export type BaseSnapshot = {
  /** Of the processed zone the blocks come from. */
  readonly snapshotId: string;
  readonly horizonMicroseconds: number | null;
  /** The book's data ends in the past: its time goes on from there, not from the wall clock. */
  readonly endsWithData: boolean;
  /** Tables that are not in the base because nothing reads them online. */
  readonly leftOut: readonly string[];
};

export type ReplacedBase = {
  readonly generation: number;
  readonly blocks: number;
  readonly facts: number;
  readonly bytes: number;
};

/** Rows of one INSERT; packed blocks of a few kilobytes. */
const INSERT_BLOCKS = 1_000;

/**
 * Writes a base beside the present one and swaps them in one transaction: a reader sees the old or the new, whole. The
 * caller sees to it that one process does this at a time.
 */
export async function writeBase(
  database: Database,
  portfolio: string,
  request: {
    readonly snapshot: BaseSnapshot;
    readonly blocks: AsyncIterable<readonly BaseBlock[]>;
    readonly now: Date;
  },
): Promise<ReplacedBase> {
  const [next] = await database.query<{ generation: number }>("SELECT nextval('online_generations') AS generation");
  const generation = Number(next!.generation);
  const written = { blocks: 0, facts: 0, bytes: 0 };
  for await (const some of request.blocks) {
    for (let from = 0; from < some.length; from += INSERT_BLOCKS) {
      const part = some.slice(from, from + INSERT_BLOCKS);
      const payloads = part.map(packBlock);
      await insertBlocks(database, portfolio, generation, part, payloads);
      written.blocks += part.length;
      written.facts += part.reduce((sum, block) => sum + block.facts, 0);
      written.bytes += payloads.reduce((sum, payload) => sum + payload.length, 0);
    }
  }
  await swap(database, portfolio, generation, request);
  return { generation, ...written };
}

async function insertBlocks(
  database: Database,
  portfolio: string,
  generation: number,
  blocks: readonly BaseBlock[],
  payloads: readonly Buffer[],
): Promise<void> {
  await database.prepared(
    'online_base_insert',
    `INSERT INTO online_base (portfolio, generation, borrower_id, table_name, facts, payload)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::integer[], $6::bytea[])`,
    [
      portfolio,
      generation,
      blocks.map(({ borrowerId }) => borrowerId ?? ''),
      blocks.map(({ table }) => table),
      blocks.map(({ facts }) => facts),
      payloads,
    ],
  );
}

async function swap(
  database: Database,
  portfolio: string,
  generation: number,
  { snapshot, now }: { readonly snapshot: BaseSnapshot; readonly now: Date },
): Promise<void> {
  await database.transaction(async (transaction) => {
    const [before] = await transaction.query<{ ahead_ms: number | null }>(
      'SELECT ahead_ms FROM online_books WHERE portfolio = $1 FOR UPDATE',
      [portfolio],
    );
    const ahead = snapshot.endsWithData ? aheadOf(snapshot.horizonMicroseconds, now, before?.ahead_ms ?? null) : null;
    await transaction.query(
      `INSERT INTO online_books (portfolio, generation, snapshot_id, horizon_us, ahead_ms, written_at)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (portfolio) DO UPDATE SET generation = EXCLUDED.generation, snapshot_id = EXCLUDED.snapshot_id,
         horizon_us = EXCLUDED.horizon_us, ahead_ms = EXCLUDED.ahead_ms, written_at = EXCLUDED.written_at`,
      [portfolio, generation, snapshot.snapshotId, snapshot.horizonMicroseconds, ahead, now],
    );
    await transaction.query('DELETE FROM online_base WHERE portfolio = $1 AND generation <> $2', [
      portfolio,
      generation,
    ]);
  });
}
