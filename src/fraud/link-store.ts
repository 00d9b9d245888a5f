import { AssayError, canonicalJson, type FeatureRow, type FraudDefinition, sha256Hex } from '../domain/index.ts';
import { type Database, type ErasedRegister, NOBODY_ERASED, type PersonVault } from '../platform/index.ts';
import { assessSeen, type FraudAssessment, type FraudSeen, seenOf } from './assess.ts';
import { countLinked, type FraudApplication, keysOf, type LinkCounts, type LinkEntry, MAX_ENTRIES } from './links.ts';
import type { UsualIncome } from './usual-income.ts';

/** What was seen of an application when it came, by which definition, and what follows from it. */
export type FraudCheck = {
  readonly definitionHash: string;
  readonly seen: FraudSeen;
  readonly assessment: FraudAssessment;
};

/** A key of an application as it is kept: keyed hashes, nothing of the person. */
export type StoredLink = {
  readonly keyHash: string;
  readonly atMs: number;
  readonly applicationId: string;
  readonly person: string;
  readonly detail: string;
};

export type FraudLinkStoreOptions = {
  readonly database: Database;
  readonly portfolio: string;
  readonly definition: FraudDefinition;
  readonly vault: Pick<PersonVault, 'pseudonym' | 'keyedHash'>;
  /** Who does not come back with a book; unset: only checks are made here. */
  readonly erased?: Pick<ErasedRegister, 'hold'> | undefined;
};

/** Keys of one INSERT. */
const INSERT_LINKS = 5_000;

type BookRow = { snapshot_id: string; usual_income: string | null };
type SeenRow = {
  snapshot_id: string | null;
  key_hash: string | null;
  at_ms: number;
  application_id: string;
  person: string;
  detail: string;
};

/** A key under which an application is compared with others. */
export type BorrowerKey = {
  readonly keyHash: string;
  readonly applicationId: string;
  readonly origin: string;
  readonly appliedAt: string;
};

const MAX_KEYS_SHOWN = 10_000;

/**
 * The keys of the applications that came before, in PostgreSQL: `LinkIndex` over a table. One round trip an application, reading
 * at most `MAX_ENTRIES` rows a key.
 */
export class FraudLinkStore {
  readonly #database: Database;
  readonly #portfolio: string;
  readonly #definition: FraudDefinition;
  readonly #definitionHash: string;
  readonly #vault: FraudLinkStoreOptions['vault'];
  readonly #erased: FraudLinkStoreOptions['erased'];
  #usual: { readonly snapshotId: string; readonly income: Promise<UsualIncome | null> } | undefined;

  constructor({ database, portfolio, definition, vault, erased }: FraudLinkStoreOptions) {
    this.#database = database;
    this.#portfolio = portfolio;
    this.#definition = definition;
    this.#definitionHash = sha256Hex(canonicalJson(definition));
    this.#vault = vault;
    this.#erased = erased;
  }

  /** Keeps the definition for replays of what is decided by it. */
  async keepDefinition(): Promise<void> {
    await this.#database.query(
      'INSERT INTO fraud_definitions (definition_hash, body) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [this.#definitionHash, canonicalJson(this.#definition)],
    );
  }

  /** Assesses an application as of the moment it was made; keeps nothing. */
  async check(application: FraudApplication, features: FeatureRow): Promise<FraudCheck> {
    const { links, snapshotId } = await this.#counts(application);
    const usualIncome = snapshotId === null ? null : await this.#usualIncome(snapshotId);
    const seen = seenOf(this.#definition, { application, links, usualIncome, features });
    return { definitionHash: this.#definitionHash, seen, assessment: assessSeen(this.#definition, seen) };
  }

  /** The keys of an application, to be kept with its decision. */
  linksOf(application: FraudApplication): StoredLink[] {
    const person = this.#vault.pseudonym(application.borrowerId);
    return keysOf(this.#definition, application).map(({ hash, detail }) => ({
      keyHash: this.#vault.keyedHash('fraud key', hash),
      atMs: application.appliedAt.getTime(),
      applicationId: application.applicationId,
      person,
      detail: this.#vault.keyedHash('fraud detail', detail),
    }));
  }

  /** Puts a delivery of the book in the place of the one before, at once for every reader. What was decided here stays. */
  async replaceBook(book: {
    readonly snapshotId: string;
    readonly usualIncome: UsualIncome | null;
    readonly applications: readonly FraudApplication[];
  }): Promise<{ readonly keys: number }> {
    const { snapshotId, usualIncome, applications } = book;
    return this.#database.transaction(async (database) => {
      const erased = (await this.#erased?.hold(database)) ?? NOBODY_ERASED;
      const kept = applications.filter(({ borrowerId }) => !erased.has(borrowerId));
      const links = kept.flatMap((application) => this.linksOf(application));
      await database.query("DELETE FROM fraud_links WHERE portfolio = $1 AND origin = 'book'", [this.#portfolio]);
      for (let from = 0; from < links.length; from += INSERT_LINKS) {
        await insertLinks(database, this.#portfolio, 'book', links.slice(from, from + INSERT_LINKS));
      }
      await database.query(
        `INSERT INTO fraud_books (portfolio, snapshot_id, usual_income) VALUES ($1, $2, $3)
         ON CONFLICT (portfolio) DO UPDATE SET snapshot_id = EXCLUDED.snapshot_id, usual_income = EXCLUDED.usual_income`,
        [this.#portfolio, snapshotId, usualIncome && JSON.stringify(usualIncome)],
      );
      return { keys: links.length };
    });
  }

  /** The delivery of the book that is in. */
  async snapshotId(): Promise<string | null> {
    return (await this.#book())?.snapshot_id ?? null;
  }

  /** The keys kept of a borrower's applications, oldest first: keyed hashes, since nothing else is kept. */
  async ofBorrower(borrowerId: string): Promise<BorrowerKey[]> {
    const rows = await this.#database.query<{
      key_hash: string;
      at_ms: string;
      application_id: string;
      origin: string;
    }>(
      `SELECT key_hash, at_ms, application_id, origin FROM fraud_links WHERE portfolio = $1 AND person = $2
       ORDER BY at_ms, application_id, key_hash LIMIT ${MAX_KEYS_SHOWN}`,
      [this.#portfolio, this.#vault.pseudonym(borrowerId)],
    );
    return rows.map((row) => ({
      ...{ keyHash: row.key_hash, applicationId: row.application_id, origin: row.origin },
      appliedAt: new Date(Number(row.at_ms)).toISOString(),
    }));
  }

  /** Removes the keys of a borrower; how many there were. In the caller's transaction. */
  async removeBorrower(database: Database, borrowerId: string): Promise<number> {
    const rows = await database.query('DELETE FROM fraud_links WHERE portfolio = $1 AND person = $2 RETURNING 1', [
      this.#portfolio,
      this.#vault.pseudonym(borrowerId),
    ]);
    return rows.length;
  }

  async #counts(application: FraudApplication): Promise<{ links: LinkCounts; snapshotId: string | null }> {
    const own = this.linksOf(application);
    const rows = await this.#database.prepared<SeenRow>('fraud_links_before', SEEN_BEFORE, [
      this.#portfolio,
      own.map(({ keyHash }) => keyHash),
      application.appliedAt.getTime(),
      application.applicationId,
      MAX_ENTRIES - 1,
    ]);
    const byKey = Map.groupBy(rows, (row) => row.key_hash);
    const pseudonymous = { ...application, borrowerId: this.#vault.pseudonym(application.borrowerId) };
    const definitions = new Map(this.#definition.links.map((link) => [link.id, link]));
    const links: Record<string, number> = {};
    for (const [i, key] of keysOf(this.#definition, application).entries()) {
      const { keyHash, detail } = own[i]!;
      const entries = (byKey.get(keyHash) ?? []).map(entryFromRow);
      const count = countLinked(definitions.get(key.link)!, { ...key, detail }, pseudonymous, entries);
      links[key.link] = Math.max(count, links[key.link] ?? 0);
    }
    return { links, snapshotId: rows[0]?.snapshot_id ?? null };
  }

  /** Read once for each delivery of the book. */
  #usualIncome(snapshotId: string): Promise<UsualIncome | null> {
    if (this.#usual?.snapshotId === snapshotId) return this.#usual.income;
    const income = this.#book().then((row): UsualIncome | null =>
      row?.usual_income ? JSON.parse(row.usual_income) : null,
    );
    this.#usual = { snapshotId, income };
    income.catch(() => {
      this.#usual = undefined;
    });
    return income;
  }

  async #book(): Promise<BookRow | undefined> {
    const [row] = await this.#database.query<BookRow>(
      'SELECT snapshot_id, usual_income FROM fraud_books WHERE portfolio = $1',
      [this.#portfolio],
    );
    return row;
  }
}

/** For each key the first that held it and the newest, oldest first; a row without a key when there is none. */
const SEEN_BEFORE = `
  SELECT b.snapshot_id, held.* FROM (VALUES (1)) AS one
  LEFT JOIN fraud_books b ON b.portfolio = $1
  LEFT JOIN (
    SELECT held.key_hash, held.at_ms, held.application_id, held.person, held.detail
    FROM unnest($2::text[]) AS own (key_hash)
    CROSS JOIN LATERAL (
      (SELECT * FROM fraud_links l WHERE l.portfolio = $1 AND l.key_hash = own.key_hash
         AND (l.at_ms, l.application_id) < ($3::bigint, $4::text) AND l.application_id <> $4::text
       ORDER BY l.at_ms, l.application_id LIMIT 1)
      UNION
      (SELECT * FROM fraud_links l WHERE l.portfolio = $1 AND l.key_hash = own.key_hash
         AND (l.at_ms, l.application_id) < ($3::bigint, $4::text) AND l.application_id <> $4::text
       ORDER BY l.at_ms DESC, l.application_id DESC LIMIT $5::integer)
    ) AS held
  ) AS held ON true
  ORDER BY held.key_hash, held.at_ms, held.application_id`;

function entryFromRow(row: SeenRow): LinkEntry {
  return { borrowerId: row.person, applicationId: row.application_id, atMs: Number(row.at_ms), detail: row.detail };
}

/** Adds keys; one that is there already stays as it is. */
export async function insertLinks(
  database: Database,
  portfolio: string,
  ...[origin, links]: [origin: LinkOrigin, links: readonly StoredLink[]]
): Promise<void> {
  await database.prepared(`fraud_links_insert_${origin}`, linkInsertSql(origin, 2), [portfolio, ...linkArrays(links)]);
}

type LinkOrigin = 'book' | 'decision';

/**
 * The INSERT by itself, to be a part of a statement: `$1` is the portfolio, `linkArrays` are the parameters from `first` on; `of`: a
 * relation with the applications that keys are kept of, unset: all.
 */
export function linkInsertSql(origin: LinkOrigin, first: number, of?: string): string {
  const [keyHash, atMs, applicationId, person, detail] = [0, 1, 2, 3, 4].map((i) => `$${first + i}`);
  return `INSERT INTO fraud_links (portfolio, key_hash, at_ms, application_id, person, detail, origin)
    SELECT $1, *, '${origin}'
    FROM unnest(${keyHash}::text[], ${atMs}::bigint[], ${applicationId}::text[], ${person}::text[], ${detail}::text[])
      AS given (key_hash, at_ms, application_id, person, detail)
    ${of === undefined ? '' : `WHERE given.application_id IN (SELECT application_id FROM ${of})`}
    ON CONFLICT DO NOTHING`;
}

export function linkArrays(links: readonly StoredLink[]): readonly unknown[][] {
  return [
    links.map(({ keyHash }) => keyHash),
    links.map(({ atMs }) => atMs),
    links.map(({ applicationId }) => applicationId),
    links.map(({ person }) => person),
    links.map(({ detail }) => detail),
  ];
}

/** @throws AssayError tampered when the stored text no longer has its hash */
export async function readFraudDefinition(database: Database, definitionHash: string): Promise<FraudDefinition> {
  const [row] = await database.query<{ body: string }>(
    'SELECT body FROM fraud_definitions WHERE definition_hash = $1',
    [definitionHash],
  );
  if (row && sha256Hex(row.body) === definitionHash) return JSON.parse(row.body);
  const what = 'a stored definition of fraud checks does not match its hash';
  throw new AssayError('tampered', { what, given: definitionHash });
}
