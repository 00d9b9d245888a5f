import { randomBytes } from 'node:crypto';
import { AssayError } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';
import { decrypt, encrypt, type KeyWrapper, openFileKeyWrapper } from './key-wrapper.ts';
import { keyedHashOf, pseudonymOf } from './pseudonym.ts';

const KEY_BYTES = 32;
/** How long a key is remembered: an erasure in another process is complete this long after. */
const KEY_MS = 5_000;
const MAX_KEYS = 10_000;
const FORMAT = 'assay-sealed/1';

type KeyRow = { generation: number; wrapped_key: string | null };
type Key = { readonly generation: number; readonly key: Buffer; readonly atMs: number };

/** What seals texts about one person. */
export type PersonSeal = { readonly person: string; seal(text: string, context: string): string };

export type PersonVaultOptions = {
  readonly database: Database;
  readonly wrapper: KeyWrapper;
  readonly portfolio: string;
  readonly clock: Clock;
};

/**
 * Texts about persons, each encrypted under a key of that person (AES-256-GCM, bound to person and place), the keys wrapped by a master key
 * outside the database. A person is a pseudonym: HMAC-SHA-256 of the borrower's id. Destroying the key makes every text unreadable,
 * in all copies and backups of the texts, without changing one.
 */
export class PersonVault {
  readonly #database: Database;
  readonly #wrapper: KeyWrapper;
  readonly #portfolio: string;
  readonly #clock: Clock;
  readonly #keys = new Map<string, Key>();

  constructor({ database, wrapper, portfolio, clock }: PersonVaultOptions) {
    this.#database = database;
    this.#wrapper = wrapper;
    this.#portfolio = portfolio;
    this.#clock = clock;
  }

  pseudonym(borrowerId: string): string {
    return pseudonymOf(this.#wrapper.pseudonymKey, this.#portfolio, borrowerId);
  }

  /** A keyed hash of a value, by which equal values are found and none is told. `purpose` keeps uses apart. */
  keyedHash(purpose: string, value: string): string {
    return keyedHashOf(this.#wrapper.pseudonymKey, this.#portfolio, purpose, value);
  }

  /** The seal of a person, with a new key for a new person. One round trip, none when the key was used a moment ago. */
  async sealOf(borrowerId: string): Promise<PersonSeal> {
    const person = this.pseudonym(borrowerId);
    const { generation, key } = await this.#keyInUse(person);
    return {
      person,
      seal: (text, context) =>
        `${FORMAT}:${generation}:${encrypt(key, Buffer.from(text), this.#bound(person, context))}`,
    };
  }

  /**
   * The text that was sealed; undefined when the person was erased. A text that was never sealed is given back as it is.
   * @throws AssayError tampered
   */
  async open(person: string, sealed: string, context: string): Promise<string | undefined> {
    const [format, generation, body] = splitOnce(sealed);
    if (format !== FORMAT) return sealed;
    const key = await this.#keyOf(person, generation);
    return key && decrypt(key, body, this.#bound(person, context)).toString('utf8');
  }

  /** Destroys every key of a person. True when there was one. In the caller's transaction. */
  async destroy(transaction: Database, person: string): Promise<boolean> {
    const rows = await transaction.query(
      `UPDATE person_keys SET wrapped_key = NULL, destroyed_at = $3
       WHERE portfolio = $1 AND person = $2 AND destroyed_at IS NULL RETURNING 1`,
      [this.#portfolio, person, this.#clock.now()],
    );
    for (const name of [...this.#keys.keys()]) {
      if (!name.startsWith(`${person} `)) continue;
      this.#keys.get(name)?.key.fill(0);
      this.#keys.delete(name);
    }
    return rows.length > 0;
  }

  #bound(person: string, context: string): string {
    return `${this.#portfolio}\n${person}\n${context}`;
  }

  async #keyInUse(person: string): Promise<{ generation: number; key: Buffer }> {
    const known = this.#remembered(`${person} in use`);
    if (known) return known;
    const key = randomBytes(KEY_BYTES);
    const wrapped = await this.#wrapper.wrap(key, this.#wrapContext(person));
    // not flushed by itself: the record that is sealed with it is committed later, and flushes both
    const [row] = await this.#database.prepared<KeyRow>(
      'person_key_in_use',
      `WITH made AS (
         INSERT INTO person_keys (portfolio, person, generation, wrapped_key, created_at)
         SELECT $1, $2, coalesce((SELECT max(generation) FROM person_keys WHERE portfolio = $1 AND person = $2), 0) + 1, $3,
           $4::timestamptz
         FROM set_config('synchronous_commit', 'off', true)
         WHERE NOT EXISTS (SELECT 1 FROM person_keys WHERE portfolio = $1 AND person = $2 AND destroyed_at IS NULL)
         ON CONFLICT DO NOTHING RETURNING generation, wrapped_key
       )
       SELECT generation, wrapped_key FROM made
       UNION ALL SELECT generation, wrapped_key FROM person_keys
         WHERE portfolio = $1 AND person = $2 AND destroyed_at IS NULL LIMIT 1`,
      [this.#portfolio, person, wrapped, this.#clock.now()],
    );
    // another process made the key between the two halves of the statement: it is there now
    if (!row?.wrapped_key) return this.#keyInUse(person);
    const found = await this.#unwrap(person, row.generation, row.wrapped_key);
    this.#remember(`${person} in use`, found);
    return found;
  }

  async #keyOf(person: string, generation: number): Promise<Buffer | undefined> {
    const name = `${person} ${generation}`;
    const known = this.#remembered(name);
    if (known) return known.key;
    const [row] = await this.#database.prepared<KeyRow>(
      'person_key',
      'SELECT generation, wrapped_key FROM person_keys WHERE portfolio = $1 AND person = $2 AND generation = $3',
      [this.#portfolio, person, generation],
    );
    if (!row)
      throw new AssayError('tampered', {
        what: 'the key of a person is gone without having been destroyed',
        given: person,
      });
    if (row.wrapped_key === null) return undefined;
    const found = await this.#unwrap(person, generation, row.wrapped_key);
    this.#remember(name, found);
    return found.key;
  }

  async #unwrap(person: string, generation: number, wrapped: string): Promise<Key> {
    const key = await this.#wrapper.unwrap(wrapped, this.#wrapContext(person));
    return { generation, key, atMs: this.#clock.now().getTime() };
  }

  #wrapContext(person: string): string {
    return `${this.#portfolio}\n${person}`;
  }

  #remembered(name: string): Key | undefined {
    const known = this.#keys.get(name);
    if (known && Math.abs(this.#clock.now().getTime() - known.atMs) < KEY_MS) return known;
    this.#keys.delete(name);
    return undefined;
  }

  #remember(name: string, key: Key): void {
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(name, key);
  }
}

/** The vault of a portfolio with the master key of this data directory. */
export function openPersonVault(options: Omit<PersonVaultOptions, 'wrapper'> & { readonly home: string }): PersonVault {
  return new PersonVault({ ...options, wrapper: openFileKeyWrapper(options.home) });
}

function splitOnce(sealed: string): [format: string, generation: number, body: string] {
  const [format = '', generation = '', body = ''] = sealed.split(':');
  return [format, Number(generation), body];
}
