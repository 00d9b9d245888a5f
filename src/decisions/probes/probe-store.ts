import { type Database, enterAudit } from '../../platform/index.ts';

/** Days that probes are kept. */
const KEPT_DAYS = 2;

export type UserDay = { readonly username: string; readonly day: string };

/** What the processes of one portfolio know together of what-ifs nearly alike. */
export class ProbeStore {
  readonly #database: Database;
  readonly #portfolio: string;

  constructor(database: Database, portfolio: string) {
    this.#database = database;
    this.#portfolio = portfolio;
  }

  /** Adds probes of a band; how many different ones all processes have seen that day. */
  async share({ username, day }: UserDay, band: string, probes: readonly string[]): Promise<number> {
    const key = [this.#portfolio, username, day, band];
    await this.#database.query(
      `INSERT INTO what_if_probes (portfolio, username, day, band, probe)
       SELECT $1, $2, $3, $4, unnest($5::text[]) ON CONFLICT DO NOTHING`,
      [...key, probes],
    );
    const [row] = await this.#database.query<{ seen: number }>(
      `SELECT count(*)::integer AS seen FROM what_if_probes
       WHERE portfolio = $1 AND username = $2 AND day = $3 AND band = $4`,
      key,
    );
    return row?.seen ?? 0;
  }

  /** Enters an alert in the audit log, once a user a day, and forgets what is old. */
  async alert({ username, day }: UserDay, at: Date, data: Readonly<Record<string, unknown>>): Promise<void> {
    const portfolio = this.#portfolio;
    await this.#database.transaction(async (database) => {
      await database.query('DELETE FROM what_if_probes WHERE portfolio = $1 AND day <= $2::date - $3::integer', [
        ...[portfolio, day],
        KEPT_DAYS,
      ]);
      const [first] = await database.query(
        'INSERT INTO what_if_alerts (portfolio, username, day) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
        [portfolio, username, day],
      );
      if (!first) return;
      await enterAudit(database, {
        ...{ portfolio, kind: 'what_if_probing', subject: username, actor: username, at },
        data,
      });
    });
  }
}
