import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TableSchema } from '../../src/domain/index.ts';
import { hasBorrower, packProcessed } from '../../src/features/index.ts';
import {
  type ApplyOutcome,
  type Database,
  type FactRow,
  factKeyOf,
  type Lake,
  MAX_FACTS,
  type OnlineFact,
  type OnlineStore,
  type Warehouse,
} from '../../src/platform/index.ts';

type Zone = { readonly warehouse: Warehouse; readonly lake: Lake };

/** Divides the rows of a processed lake between two others by the hash of their key: one in `every` goes to `streamed`. */
export async function divideLake(
  { warehouse, lake }: Zone,
  tables: readonly TableSchema[],
  { kept, streamed, every }: { readonly kept: Lake; readonly streamed: Lake; readonly every: number },
): Promise<void> {
  for (const table of tables) {
    const files = (await lake.list(`processed/${table.name}`)).filter((key) => key.endsWith('.parquet'));
    if (files.length === 0) continue;
    const source = `read_parquet([${files.map((key) => `'${lake.path(key)}'`).join(', ')}], hive_partitioning = false)`;
    const isStreamed = `hash(${table.key.map((name) => `"${name}"`).join(', ')}) % ${every} = 0`;
    await copy(warehouse, kept, table, `SELECT * FROM ${source} WHERE NOT (${isStreamed})`);
    await copy(warehouse, streamed, table, `SELECT * FROM ${source} WHERE ${isStreamed}`);
  }
}

async function copy(warehouse: Warehouse, lake: Lake, table: TableSchema, query: string): Promise<void> {
  const path = lake.path(`processed/${table.name}/dt=all/part-0.parquet`);
  await mkdir(dirname(path), { recursive: true });
  await warehouse.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
}

/** Every row of a lake as a fact of the stream. */
export async function factsIn(zone: Zone, tables: readonly TableSchema[]): Promise<OnlineFact[]> {
  const schemaOf = new Map(tables.map((table) => [table.name, table]));
  const facts: OnlineFact[] = [];
  for await (const blocks of packProcessed({ ...zone, tables })) {
    for (const { table: name, columns, rowsJson } of blocks) {
      const table = schemaOf.get(name)!;
      const rows: (string | number | boolean | null)[][] = JSON.parse(rowsJson);
      for (const values of rows) {
        const row: FactRow = Object.fromEntries(columns.map((column, i) => [column, values[i] ?? null]));
        const owner = row['borrower_id'];
        const borrowerId = hasBorrower(table) && typeof owner === 'string' ? owner : null;
        facts.push({ table: name, key: factKeyOf(table, row), borrowerId, row });
      }
    }
  }
  return facts;
}

export type Delivered = Readonly<Record<ApplyOutcome['kind'], number>>;

/** Delivers every fact `times` times, all deliveries interleaved at random. */
export async function deliver(
  database: Database,
  store: OnlineStore,
  facts: readonly OnlineFact[],
  { times, random }: { readonly times: number; readonly random: () => number },
): Promise<Delivered> {
  const order = Array.from({ length: facts.length * times }, (_, i) => i % facts.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const counts = { accepted: 0, duplicate: 0, conflict: 0 };
  for (let from = 0; from < order.length; from += MAX_FACTS) {
    const batch = order.slice(from, from + MAX_FACTS).map((i) => facts[i]!);
    const outcomes = await database.transaction((transaction) => store.apply(transaction, batch));
    for (const { kind } of outcomes) counts[kind]++;
  }
  return counts;
}

/** Mulberry32: numbers below 1 that a seed decides. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
