import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import type { FeatureCatalog, FeatureRow, TableSchema } from '../../src/domain/index.ts';
import {
  compileOnline,
  compileStoredHistory,
  fillOnlineStore,
  hasBorrower,
  type OnlineRow,
} from '../../src/features/index.ts';
import { lakeExpression, quoted, removeRepeats, StagedTable } from '../../src/ingestion/stage-table.ts';
import { createRowValidator, type StagedValue } from '../../src/ingestion/validate.ts';
import {
  type FactRow,
  factKeyOf,
  type Lake,
  type OnlineFact,
  type OnlineStore,
  type Warehouse,
} from '../../src/platform/index.ts';
import { BOOK_TABLES, isoOf, randomBook } from './features-random-book.ts';
import { inBook } from './features-warehouse.ts';

/** One row on its way: in a file of the next snapshot, on the stream, or on both; any number of times. */
export type Delivery = {
  readonly table: TableSchema;
  readonly row: OnlineRow;
  readonly way: 'file' | 'stream' | 'both';
};

/** Deliveries of a history, each list in the order they come. */
export type History = { readonly applications: readonly OnlineRow[]; readonly deliveries: readonly Delivery[] };

const CHANGES = ['again', 'known earlier', 'known later', 'other amount', 'other text', 'other time'] as const;

/** A random book, with rows that come again: the same, known at another time, or with other content under the same key. */
export const randomHistory: fc.Arbitrary<History> = fc
  .tuple(
    randomBook,
    fc.array(fc.record({ pick: fc.nat(), change: fc.constantFrom(...CHANGES), by: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 25,
    }),
    fc.infiniteStream(fc.record({ at: fc.nat(), way: fc.constantFrom('file', 'stream', 'stream', 'both') })),
  )
  .map(([book, repeats, random]) => {
    const rows = BOOK_TABLES.filter(({ name }) => name !== 'loan_applications').flatMap((table) =>
      (book[table.name] ?? []).map((row) => ({ table, row })),
    );
    const again =
      rows.length === 0 ? [] : repeats.map(({ pick, change, by }) => changed(rows[pick % rows.length]!, change, by));
    const deliveries = [...rows, ...again].map((entry) => ({ ...entry, ...random.next().value }));
    deliveries.sort((a, b) => a.at - b.at);
    return {
      applications: book['loan_applications']!,
      deliveries: deliveries.map(({ at: _, ...delivery }) => delivery),
    };
  });

type Row = Pick<Delivery, 'table' | 'row'>;

function changed({ table, row }: Row, change: (typeof CHANGES)[number], by: number): Row {
  const replace = (name: string | undefined, value: (old: OnlineRow[string]) => OnlineRow[string]): Row =>
    name === undefined || row[name] === undefined
      ? { table, row }
      : { table, row: { ...row, [name]: value(row[name]) } };
  const moved = (sign: number) => (old: OnlineRow[string]) =>
    isoOf(Date.parse(`${String(old).slice(0, 23)}Z`) * 1000 + sign * by);
  switch (change) {
    case 'again':
      return { table, row };
    case 'known earlier':
      return replace(table.knownTime, moved(-1));
    case 'known later':
      return replace(table.knownTime, moved(1));
    case 'other amount':
      return replace(table.name === 'borrowers' ? 'income_monthly_minor' : 'amount_minor', () => by);
    case 'other text':
      return replace(
        table.name === 'districts' ? 'district_name' : 'counterparty',
        () => '\u{1F600}'.repeat(by % 2) || '\uFFFD',
      );
    case 'other time':
      return replace(table.name === 'transactions' ? 'occurred_at' : undefined, moved(1));
  }
}

const validators = new Map(BOOK_TABLES.map((table) => [table.name, createRowValidator(table)]));

/** As the lake takes a row; null: refused. */
function stagedRow({ table, row }: Row): FactRow | null {
  const { columns, values: validate } = validators.get(table.name)!;
  const values = validate(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null])));
  if (!Array.isArray(values)) return null;
  return Object.fromEntries(columns.map((name, i) => [name, values[i] as StagedValue]));
}

/** Rows that ingestion takes, in the order they were delivered. */
export const takenRows = (history: History, table: TableSchema): OnlineRow[] =>
  rowsOf(history, table, () => true).filter((row) => stagedRow({ table, row }) !== null);

/** Stages rows and clears them of repeats as ingestion does, then hands the staging table on. */
async function withStaged(
  warehouse: Warehouse,
  table: TableSchema,
  rows: readonly OnlineRow[],
  work: (staged: StagedTable, select: string) => Promise<void>,
): Promise<void> {
  const staged = new StagedTable(table, warehouse);
  await staged.open();
  for (const [i, row] of rows.entries()) {
    const values = stagedRow({ table, row });
    if (!values) continue;
    for (const [j, { name }] of table.columns.entries()) staged.columns[j]!.push(values[name]!);
    staged.placed(0, i, i);
  }
  await staged.flush();
  await removeRepeats(staged, warehouse);
  const columns = table.columns.map((column) => `${lakeExpression(column)} AS ${quoted(column.name)}`);
  await work(staged, `SELECT ${columns.join(', ')}, source_row FROM ${quoted(staged.name)}`);
  await staged.drop();
}

const rowsOf = (history: History, table: TableSchema, take: (way: Delivery['way']) => boolean): OnlineRow[] =>
  table.name === 'loan_applications'
    ? [...history.applications]
    : history.deliveries
        .filter((delivery) => delivery.table.name === table.name && take(delivery.way))
        .map(({ row }) => row);

/** The batch side: everything that was delivered, whichever way, as tables of the schema `book`. */
export async function loadDelivered(warehouse: Warehouse, history: History): Promise<void> {
  await warehouse.run('DROP SCHEMA IF EXISTS book CASCADE');
  await warehouse.run('CREATE SCHEMA book');
  for (const table of BOOK_TABLES) {
    await withStaged(
      warehouse,
      table,
      rowsOf(history, table, () => true),
      (_, select) => warehouse.run(`CREATE TABLE ${inBook(table.name)} AS ${select}`),
    );
  }
}

/** Fills the store from the files alone, in an empty lake. `take`: which deliveries the snapshot holds. */
export async function fillFrom(
  context: { readonly warehouse: Warehouse; readonly lake: Lake; readonly store: OnlineStore },
  catalog: FeatureCatalog,
  history: History,
  take: (way: Delivery['way']) => boolean,
): Promise<void> {
  const { warehouse, lake } = context;
  for (const table of BOOK_TABLES) {
    const path = lake.path(`processed/${table.name}/dt=all/part-0.parquet`);
    await mkdir(dirname(path), { recursive: true });
    await withStaged(warehouse, table, rowsOf(history, table, take), (_, select) =>
      warehouse.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`),
    );
  }
  await fillOnlineStore({ ...context, catalog, tables: BOOK_TABLES, snapshotId: 'test', endsWithData: false });
}

/** What came by the stream, in order. */
export function streamedFacts(history: History): OnlineFact[] {
  return history.deliveries.flatMap((delivery) => {
    const row = delivery.way === 'file' ? null : stagedRow(delivery);
    if (!row) return [];
    const { table } = delivery;
    const borrowerId = hasBorrower(table) ? String(row['borrower_id']) : null;
    return [{ table: table.name, key: factKeyOf(table, row), borrowerId, row }];
  });
}

/** The online side: every application as of its own moment, out of the store. */
export async function storedValues(
  store: OnlineStore,
  catalog: FeatureCatalog,
  applications: readonly OnlineRow[],
  asOfOf: (application: OnlineRow) => string = (application) => String(application['applied_at']),
): Promise<Map<string, FeatureRow>> {
  const evaluator = compileOnline(catalog, BOOK_TABLES);
  const history = compileStoredHistory(catalog, BOOK_TABLES);
  const ids = [...new Set(applications.map((application) => String(application['borrower_id'])))];
  const { book, borrowers } = await store.factsOf(ids, history.tables);
  const references = await store.references(book, history.tables);
  return new Map(
    applications.map((application) => {
      const facts = borrowers.get(String(application['borrower_id']))!;
      const input = history.inputFor({ application, facts, references, asOf: asOfOf(application) });
      return [String(application['application_id']), evaluator.evaluate(input)];
    }),
  );
}
