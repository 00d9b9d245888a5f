import { createHmac } from 'node:crypto';
import { AssayError, sha256Hex } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';
import { type KeyWrapper, openFileKeyWrapper } from './key-wrapper.ts';
import { pseudonymOf } from './pseudonym.ts';

/** Space of the advisory locks between who erases and who takes facts. */
const ERASURE_LOCK = 27740;
/** Contains a line feed in front, which no pseudonym's text does. */
const CHECK_TEXT = '\nkey of the list of erased persons';
/** Answers that are remembered: a keyed hash costs more than all else that is done with an event at the door. */
const MAX_ANSWERS = 100_000;
/** What may stand in an id; anything else ends a word of a text. */
const WORD = /[\p{L}\p{N}_.@+-]+/gu;

type Row = { person: string; key_check: string };

/** Who was erased from a book, at one moment. Holds pseudonyms, no ids. */
export class ErasedPersons {
  /** Changes with the list; empty for an empty one. */
  readonly fingerprint: string;
  readonly #persons: ReadonlySet<string>;
  readonly #pseudonym: (borrowerId: string) => string;
  readonly #answers = new Map<string, boolean>();

  constructor(persons: ReadonlySet<string>, pseudonym: (borrowerId: string) => string) {
    this.#persons = persons;
    this.#pseudonym = pseudonym;
    this.fingerprint = persons.size === 0 ? '' : sha256Hex([...persons].sort().join(' '));
  }

  get size(): number {
    return this.#persons.size;
  }

  has(borrowerId: unknown): boolean {
    if (this.#persons.size === 0 || borrowerId === null || borrowerId === undefined) return false;
    const id = String(borrowerId);
    return this.#answers.get(id) ?? this.#find(id);
  }

  #find(id: string): boolean {
    const found = this.#persons.has(this.#pseudonym(id));
    if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#answers.set(id, found);
    return found;
  }

  /** True when a word of the text is the id of an erased person. */
  namedIn(text: string): boolean {
    if (this.#persons.size === 0) return false;
    return (text.match(WORD) ?? []).some((word) => this.has(word));
  }
}

export const NOBODY_ERASED = new ErasedPersons(new Set(), (borrowerId) => borrowerId);

export type ErasedRegisterOptions = {
  readonly database: Database;
  readonly wrapper: KeyWrapper;
  readonly portfolio: string;
  readonly clock: Clock;
};

/** The list of those who were erased from a book. It only grows: an erased person who is a customer again needs a new id. */
export class ErasedRegister {
  readonly #options: ErasedRegisterOptions;
  readonly #keyCheck: string;
  #known: ErasedPersons = NOBODY_ERASED;

  constructor(options: ErasedRegisterOptions) {
    this.#options = options;
    this.#keyCheck = createHmac('sha256', options.wrapper.pseudonymKey).update(CHECK_TEXT).digest('hex');
  }

  /**
   * The list as it is now. Read again only when it grew.
   * @throws AssayError tampered when it was made under another master key: nobody would be recognised
   */
  async current(database: Database = this.#options.database): Promise<ErasedPersons> {
    const { portfolio } = this.#options;
    const [counted] = await database.prepared<{ n: number }>(
      'erased_count',
      'SELECT count(*) AS n FROM erased_persons WHERE portfolio = $1',
      [portfolio],
    );
    if (Number(counted?.n ?? 0) === this.#known.size) return this.#known;
    const rows = await database.query<Row>('SELECT person, key_check FROM erased_persons WHERE portfolio = $1', [
      portfolio,
    ]);
    this.#refuseOtherKey(rows);
    const persons = new Set(rows.map(({ person }) => person));
    this.#known = new ErasedPersons(persons, (borrowerId) => this.#pseudonym(borrowerId));
    return this.#known;
  }

  /**
   * The list for a transaction that stores facts: nobody is erased between this and its end, so that no fact comes in behind
   * an erasure.
   */
  async hold(transaction: Database): Promise<ErasedPersons> {
    await transaction.prepared('erased_hold', 'SELECT pg_advisory_xact_lock_shared($1, hashtext($2))', [
      ERASURE_LOCK,
      this.#options.portfolio,
    ]);
    return this.current(transaction);
  }

  /** Adds a person, after everybody who is storing facts now. True when new on the list. In the caller's transaction. */
  async add(transaction: Database, borrowerId: string): Promise<boolean> {
    const { portfolio, clock } = this.#options;
    await transaction.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [ERASURE_LOCK, portfolio]);
    const added = await transaction.query(
      `INSERT INTO erased_persons (portfolio, person, key_check, erased_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING 1`,
      [portfolio, this.#pseudonym(borrowerId), this.#keyCheck, clock.now()],
    );
    return added.length > 0;
  }

  #pseudonym(borrowerId: string): string {
    return pseudonymOf(this.#options.wrapper.pseudonymKey, this.#options.portfolio, borrowerId);
  }

  #refuseOtherKey(rows: readonly Row[]): void {
    if (rows.every(({ key_check }) => key_check === '' || key_check === this.#keyCheck)) return;
    throw new AssayError('tampered', {
      what: 'the list of erased persons was made under another master key',
      given: this.#options.portfolio,
      fix: 'put the master key of this installation into keys/master.key: without it erased persons come back',
    });
  }
}

/** The list of a portfolio under the master key of this data directory. */
export function openErasedRegister(
  options: Omit<ErasedRegisterOptions, 'wrapper'> & { readonly home: string },
): ErasedRegister {
  return new ErasedRegister({ ...options, wrapper: openFileKeyWrapper(options.home) });
}
