import type { TableSchema } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';
import { applyFacts, type StoredTable } from './apply-facts.ts';
import { type BookState, bookTime, readBook, resumeBook } from './book.ts';
import type { ApplyOutcome, OnlineFact } from './fact.ts';
import { later, latestMoment } from './moments.ts';
import { pruneTail } from './prune-tail.ts';
import { type FactsRead, readFacts } from './read-facts.ts';
import { type BaseSnapshot, type ReplacedBase, writeBase } from './replace-base.ts';
import type { BaseBlock, StoredFacts } from './stored-facts.ts';

export type OnlineStoreOptions = {
  readonly database: Database;
  readonly portfolio: string;
  /** Every table of the book (tablesOf). */
  readonly tables: readonly TableSchema[];
  readonly clock: Clock;
};

/** What reads of facts need: the store, or a stand-in over the lake. */
export type FactReader = Pick<OnlineStore, 'factsOf' | 'references'>;

/**
 * Facts by borrower as known now, of one book: what the last lake snapshot held and what was streamed since. Any number of
 * processes may read and apply at once.
 */
export class OnlineStore {
  readonly #database: Database;
  readonly #portfolio: string;
  readonly #clock: Clock;
  readonly #schemas: readonly TableSchema[];
  #tables: Promise<ReadonlyMap<string, StoredTable>> | undefined;
  #references: { readonly stamp: string; readonly facts: Promise<ReadonlyMap<string, StoredFacts>> } | undefined;

  constructor(options: OnlineStoreOptions) {
    this.#database = options.database;
    this.#portfolio = options.portfolio;
    this.#clock = options.clock;
    this.#schemas = options.tables;
  }

  /**
   * Adds facts within the caller's transaction: they are seen when it commits. The outcome of each, in order; the rows left
   * behind do not depend on the order or the number of deliveries.
   * @throws AssayError bad_input for more than 5,000 facts, or a table that is not of this book
   */
  async apply(database: Database, facts: readonly OnlineFact[]): Promise<ApplyOutcome[]> {
    if (facts.length === 0) return [];
    const tables = await this.#storedTables();
    const appliedAt = later(this.#clock.now(), await latestMoment(database, this.#portfolio));
    const { outcomes, changedReferences } = await applyFacts(database, tables, facts, appliedAt);
    if (changedReferences) await this.#bumpReferences(database);
    return outcomes;
  }

  /**
   * Everything known of some borrowers, in one round trip and one state of the store. `tables`: only those; default all.
   * @throws AssayError tampered for a base that cannot be read
   */
  async factsOf(borrowerIds: readonly string[], tables?: readonly string[]): Promise<FactsRead> {
    const stored = [...(await this.#storedTables()).values()];
    const wanted = tables === undefined ? stored : stored.filter(({ schema }) => tables.includes(schema.name));
    return readFacts(this.#database, this.#portfolio, wanted, borrowerIds);
  }

  /** Of these tables those that belong to no borrower, whole; kept until the book says that they changed. */
  async references(book: BookState, tables: readonly string[]): Promise<ReadonlyMap<string, StoredFacts>> {
    const stamp = `${book.generation} ${book.referencesVersion} ${tables.join(' ')}`;
    if (this.#references?.stamp !== stamp) {
      const facts = this.factsOf([''], tables).then(({ borrowers }) => borrowers.get('')!.tables);
      this.#references = { stamp, facts };
      facts.catch(() => {
        this.#references = undefined;
      });
    }
    return this.#references.facts;
  }

  /** When what comes while the wall clock shows `now` has arrived: then, and never before the moment of an older event or decision. */
  async arrival(now: Date): Promise<Date> {
    return later(now, await latestMoment(this.#database, this.#portfolio));
  }

  book(): Promise<BookState> {
    return readBook(this.#database, this.#portfolio);
  }

  /** What a fact that arrives while the wall clock shows `now` is known at: that, or for a book whose data ends in the past, its own time. */
  async bookTime(now: Date): Promise<Date> {
    return bookTime(await this.book(), now);
  }

  /**
   * To be called when serving begins: the time of a book whose data ends in the past stood still meanwhile, and goes on after
   * its last fact. A live book is left alone.
   */
  async resume(): Promise<void> {
    const tables = [...(await this.#storedTables()).values()];
    await resumeBook(this.#database, this.#portfolio, tables, this.#clock.now());
  }

  /** Puts a snapshot of the processed zone in the place of the one before, at once for every reader, and drops the streamed facts it holds. */
  async replaceBase(
    snapshot: BaseSnapshot,
    blocks: AsyncIterable<readonly BaseBlock[]>,
  ): Promise<ReplacedBase & { readonly pruned: number }> {
    const request = { snapshot, blocks, now: this.#clock.now() };
    const replaced = await writeBase(this.#database, this.#portfolio, request);
    const dropped = await this.#dropUnread(snapshot.leftOut, request.now);
    return { ...replaced, pruned: dropped + (await this.prune()) };
  }

  /** Streamed facts of tables that nobody reads online: the raw zone holds them. */
  async #dropUnread(tables: readonly string[], until: Date): Promise<number> {
    const stored = await this.#storedTables();
    const dropped = await this.#database.query(
      'DELETE FROM online_tail WHERE table_id = ANY($1::smallint[]) AND applied_at < $2 RETURNING 1',
      [tables.flatMap((name) => stored.get(name)?.id ?? []), until],
    );
    return dropped.length;
  }

  /** Drops streamed facts that the base holds by now. */
  async prune(): Promise<number> {
    const { aheadMs, horizonMicroseconds } = await this.book();
    const tables = [...(await this.#storedTables()).values()];
    return pruneTail(this.#database, this.#portfolio, tables, aheadMs === 0 ? null : horizonMicroseconds);
  }

  /** Removes everything known of a borrower; how many facts or packed tables that was. In the caller's transaction. */
  async removeBorrower(database: Database, borrowerId: string): Promise<number> {
    const base = await database.query('DELETE FROM online_base WHERE portfolio = $1 AND borrower_id = $2 RETURNING 1', [
      this.#portfolio,
      borrowerId,
    ]);
    const tableIds = [...(await this.#storedTables()).values()].map(({ id }) => id);
    const tail = await database.query(
      'DELETE FROM online_tail WHERE borrower_id = $1 AND table_id = ANY ($2::smallint[]) RETURNING 1',
      [borrowerId, tableIds],
    );
    return base.length + tail.length;
  }

  async #bumpReferences(database: Database): Promise<void> {
    await database.query(
      `INSERT INTO online_books (portfolio, references_version) VALUES ($1, 1)
       ON CONFLICT (portfolio) DO UPDATE SET references_version = online_books.references_version + 1`,
      [this.#portfolio],
    );
  }

  /** The short numbers of the tables; given once, outside of any caller's transaction. */
  #storedTables(): Promise<ReadonlyMap<string, StoredTable>> {
    this.#tables ??= numberTables(this.#database, this.#portfolio, this.#schemas).catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
    return this.#tables;
  }
}

async function numberTables(
  database: Database,
  portfolio: string,
  schemas: readonly TableSchema[],
): Promise<ReadonlyMap<string, StoredTable>> {
  await database.query(
    `INSERT INTO online_tables (portfolio, name) SELECT $1, name FROM unnest($2::text[]) AS name
     WHERE NOT EXISTS (SELECT FROM online_tables t WHERE t.portfolio = $1 AND t.name = name)
     ON CONFLICT (portfolio, name) DO NOTHING`,
    [portfolio, schemas.map(({ name }) => name)],
  );
  const rows = await database.query<{ table_id: number; name: string }>(
    'SELECT table_id, name FROM online_tables WHERE portfolio = $1',
    [portfolio],
  );
  const ids = new Map(rows.map((row) => [row.name, row.table_id]));
  return new Map(schemas.map((schema) => [schema.name, { id: ids.get(schema.name)!, schema }]));
}
