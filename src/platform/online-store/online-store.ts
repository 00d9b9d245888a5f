import type { TableSchema } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';
import { applyFacts, type StoredTable } from './apply-facts.ts';
import type { ApplyOutcome, OnlineFact } from './fact.ts';

export type OnlineStoreOptions = {
  readonly database: Database;
  readonly portfolio: string;
  /** Every table of the book (tablesOf). */
  readonly tables: readonly TableSchema[];
  readonly clock: Clock;
};

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
    const { outcomes, changedReferences } = await applyFacts(database, tables, facts, this.#clock.now());
    if (changedReferences) await this.#bumpReferences(database);
    return outcomes;
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
