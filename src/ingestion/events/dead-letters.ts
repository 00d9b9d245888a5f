import { createHash } from 'node:crypto';
import { storableText } from '../../domain/index.ts';
import type { Clock, Database } from '../../platform/index.ts';
import type { EventIssue } from './event.ts';
import { namesBorrower } from './names-borrower.ts';

export type RefusedEvent = EventIssue & {
  readonly source: string;
  /** As it came. */
  readonly original: string | Uint8Array;
  /** File and line, for events out of a file. */
  readonly place?: string | undefined;
};

export type DeadLetter = {
  readonly deadLetterId: string;
  readonly source: string;
  readonly stage: 'intake' | 'consumer';
  readonly field: string | null;
  readonly reason: string;
  readonly original: string;
  readonly place: string | null;
  readonly status: 'waiting' | 'redriven';
  readonly times: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly redrivenAt: Date | null;
};

export type DeadLetterQuery = {
  readonly status?: 'waiting' | 'redriven' | undefined;
  readonly source?: string | undefined;
  readonly limit: number;
  readonly offset: number;
};

type LetterRow = {
  dead_letter_id: string;
  source: string;
  stage: DeadLetter['stage'];
  field: string | null;
  reason: string;
  original: Buffer;
  place: string | null;
  status: DeadLetter['status'];
  times: number;
  first_at: Date;
  last_at: Date;
  redriven_at: Date | null;
};

const MAX_ORIGINAL_BYTES = 1024 * 1024;
const MAX_REASON_CHARS = 500;
/** Read at once when a person's are looked for: each may be large. */
const LETTERS_PER_LOOK = 50;

/** Refused events of one book, kept until they are mended and taken. */
export class DeadLetters {
  readonly #portfolio: string;
  readonly #clock: Clock;

  constructor(options: { portfolio: string; clock: Clock }) {
    this.#portfolio = options.portfolio;
    this.#clock = options.clock;
  }

  /** Within the caller's transaction. The same event again counts up and waits again. */
  async keep(transaction: Database, stage: DeadLetter['stage'], refused: readonly RefusedEvent[]): Promise<void> {
    const letters = this.#distinct(refused);
    if (letters.length === 0) return;
    await transaction.prepared(
      'dead_letters_keep',
      `INSERT INTO dead_letters AS d (portfolio, stage, first_at, last_at, dead_letter_id, source, field, reason, place, original, times)
       SELECT $1, $2, $3, $3, l.* FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[], $10::bigint[]) AS l
       ON CONFLICT (dead_letter_id) DO UPDATE SET times = d.times + EXCLUDED.times, last_at = EXCLUDED.last_at,
         field = EXCLUDED.field, reason = EXCLUDED.reason, status = 'waiting', redriven_at = NULL`,
      [
        this.#portfolio,
        stage,
        this.#clock.now(),
        letters.map(({ id }) => id),
        letters.map(({ letter }) => storableText(letter.source)),
        letters.map(({ letter }) => letter.field && storableText(letter.field)),
        letters.map(({ letter }) => storableText(letter.reason.slice(0, MAX_REASON_CHARS))),
        letters.map(({ letter }) => letter.place ?? null),
        letters.map(({ letter }) => bytesOf(letter.original).subarray(0, MAX_ORIGINAL_BYTES)),
        letters.map(({ times }) => times),
      ],
    );
  }

  /** By id, in one order for every writer, so that two of them never wait for each other. */
  #distinct(refused: readonly RefusedEvent[]): { id: string; letter: RefusedEvent; times: number }[] {
    const byId = new Map<string, { id: string; letter: RefusedEvent; times: number }>();
    for (const letter of refused) {
      const id = this.#idOf(letter);
      byId.set(id, { id, letter, times: (byId.get(id)?.times ?? 0) + 1 });
    }
    return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #idOf({ source, original }: RefusedEvent): string {
    const hash = createHash('sha256').update(`${this.#portfolio}\n${source}\n`).update(bytesOf(original));
    return hash.digest('hex').slice(0, 32);
  }

  async list(database: Database, query: DeadLetterQuery): Promise<{ rows: DeadLetter[]; total: number }> {
    const filter = [this.#portfolio, query.status ?? null, query.source ?? null];
    const where = 'portfolio = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR source = $3)';
    const [counted] = await database.query<{ n: number }>(
      `SELECT count(*) AS n FROM dead_letters WHERE ${where}`,
      filter,
    );
    const rows = await database.query<LetterRow>(
      `SELECT * FROM dead_letters WHERE ${where} ORDER BY first_at DESC, dead_letter_id LIMIT $4 OFFSET $5`,
      [...filter, query.limit, query.offset],
    );
    return { rows: rows.map(fromRow), total: counted?.n ?? 0 };
  }

  /** Waiting letters by time and id behind `after`, held until the transaction ends; those another process holds are passed over. */
  async take(
    transaction: Database,
    after: { firstAt: Date; deadLetterId: string } | null,
    options: { ids?: readonly string[] | undefined; limit: number },
  ): Promise<DeadLetter[]> {
    const rows = await transaction.query<LetterRow>(
      `SELECT * FROM dead_letters WHERE portfolio = $1 AND status = 'waiting' AND ($2::text[] IS NULL OR dead_letter_id = ANY($2))
         AND ($3::timestamptz IS NULL OR (first_at, dead_letter_id) > ($3, $4))
       ORDER BY first_at, dead_letter_id LIMIT $5 FOR UPDATE SKIP LOCKED`,
      [this.#portfolio, options.ids ?? null, after?.firstAt ?? null, after?.deadLetterId ?? null, options.limit],
    );
    return rows.map(fromRow);
  }

  async markRedriven(transaction: Database, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await transaction.query(
      "UPDATE dead_letters SET status = 'redriven', redriven_at = $2 WHERE dead_letter_id = ANY($1)",
      [ids, this.#clock.now()],
    );
  }

  /** What is wrong with letters that were tried again. */
  async markRefused(transaction: Database, refused: readonly (EventIssue & { deadLetterId: string })[]): Promise<void> {
    if (refused.length === 0) return;
    await transaction.query(
      `UPDATE dead_letters d SET field = r.field, reason = r.reason, last_at = $4
       FROM unnest($1::text[], $2::text[], $3::text[]) AS r (id, field, reason) WHERE d.dead_letter_id = r.id`,
      [
        refused.map(({ deadLetterId }) => deadLetterId),
        refused.map(({ field }) => field && storableText(field)),
        refused.map(({ reason }) => storableText(reason.slice(0, MAX_REASON_CHARS))),
        this.#clock.now(),
      ],
    );
  }

  /** Deletes the letters that name a borrower, redriven ones too; how many. In the caller's transaction. */
  async removeOf(transaction: Database, borrowerId: string): Promise<number> {
    const spellings = [...new Set([borrowerId, JSON.stringify(borrowerId).slice(1, -1)])];
    let removed = 0;
    for (let after = ''; ; ) {
      const rows = await transaction.query<{ id: string; original: Buffer }>(
        `SELECT dead_letter_id AS id, original FROM dead_letters WHERE portfolio = $1 AND dead_letter_id > $2
           AND EXISTS (SELECT FROM unnest($3::bytea[]) AS s WHERE position(s IN original) > 0)
         ORDER BY dead_letter_id LIMIT $4`,
        [this.#portfolio, after, spellings.map((text) => Buffer.from(text)), LETTERS_PER_LOOK],
      );
      const ids = rows
        .filter(({ original }) => namesBorrower(original.toString('utf8'), borrowerId))
        .map(({ id }) => id);
      await transaction.query('DELETE FROM dead_letters WHERE dead_letter_id = ANY($1)', [ids]);
      removed += ids.length;
      if (rows.length < LETTERS_PER_LOOK) return removed;
      after = rows.at(-1)!.id;
    }
  }

  async waiting(database: Database): Promise<number> {
    const [row] = await database.query<{ n: number }>(
      "SELECT count(*) AS n FROM dead_letters WHERE portfolio = $1 AND status = 'waiting'",
      [this.#portfolio],
    );
    return row?.n ?? 0;
  }
}

function bytesOf(original: string | Uint8Array): Uint8Array {
  return typeof original === 'string' ? Buffer.from(original) : original;
}

function fromRow(row: LetterRow): DeadLetter {
  return {
    deadLetterId: row.dead_letter_id,
    source: row.source,
    stage: row.stage,
    field: row.field,
    reason: row.reason,
    original: row.original.toString('utf8'),
    place: row.place,
    status: row.status,
    times: row.times,
    firstAt: row.first_at,
    lastAt: row.last_at,
    redrivenAt: row.redriven_at,
  };
}
