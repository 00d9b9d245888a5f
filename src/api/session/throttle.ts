import { createHash } from 'node:crypto';
import type { Clock, Database } from '../../platform/index.ts';

/** Failed sign-ins allowed for one user name or one address within the window; then each further one waits it out. */
const MAX_FAILURES = { user: 5, address: 30 };
const WINDOW_MS = 15 * 60_000;

type Counted = { count: number; until: Date };
type Subject = { readonly hash: string; readonly limit: number };

/**
 * Slows guessing of passwords: counts failures by user name and by address, in the database, for all servers together. What was not
 * tried for the length of the window is forgotten, and an address may add few names to it.
 */
export class SignInThrottle {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Counts an attempt as failed until it is known to have succeeded, so that guesses sent at once are counted too. Seconds to wait
   * before another may be made; 0 = now, and this one was counted.
   */
  async enter(username: string, address: string): Promise<number> {
    const subjects = [
      { hash: hashOf(`address ${address}`), limit: MAX_FAILURES.address },
      { hash: hashOf(`user ${username}`), limit: MAX_FAILURES.user },
    ];
    await this.#database.query('DELETE FROM sign_in_failures WHERE until <= $1', [this.#clock.now()]);
    for (const subject of subjects) {
      const seconds = await this.#held(subject);
      if (seconds > 0) return seconds;
    }
    for (const subject of subjects) {
      const seconds = await this.#count(subject);
      if (seconds > 0) return seconds;
    }
    return 0;
  }

  async succeeded(username: string): Promise<void> {
    await this.#database.query('DELETE FROM sign_in_failures WHERE subject = $1', [hashOf(`user ${username}`)]);
  }

  async #held({ hash, limit }: Subject): Promise<number> {
    const [row] = await this.#database.query<Counted>('SELECT count, until FROM sign_in_failures WHERE subject = $1', [
      hash,
    ]);
    return row && row.count >= limit ? this.#secondsUntil(row.until) : 0;
  }

  /** Of attempts made at once, those beyond the limit wait: each sees the count it made. */
  async #count({ hash, limit }: Subject): Promise<number> {
    const until = new Date(this.#clock.now().getTime() + WINDOW_MS);
    const [row] = await this.#database.query<Counted>(
      `INSERT INTO sign_in_failures AS known (subject, count, until) VALUES ($1, 1, $2)
       ON CONFLICT (subject) DO UPDATE SET count = least(known.count, $3) + 1,
         until = CASE WHEN known.count < $3 THEN EXCLUDED.until ELSE known.until END
       RETURNING count, until`,
      [hash, until, limit],
    );
    return row && row.count > limit ? this.#secondsUntil(row.until) : 0;
  }

  #secondsUntil(until: Date): number {
    return Math.max(1, Math.ceil((until.getTime() - this.#clock.now().getTime()) / 1000));
  }
}

function hashOf(subject: string): string {
  return createHash('sha256').update(subject).digest('hex');
}
