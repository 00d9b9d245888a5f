import type { Clock, Database } from '../../platform/index.ts';
import { type Role, roleSchema } from '../contract.ts';

export type User = { readonly username: string; readonly displayName: string; readonly role: Role };
export type StoredUser = User & { readonly passwordHash: string };

type UserRow = { username: string; display_name: string; role: string; password_hash: string };
type SessionRow = { username: string; display_name: string; role: string; expires_at: Date };

const userFromRow = (row: UserRow): StoredUser => ({
  username: row.username,
  displayName: row.display_name,
  role: roleSchema.parse(row.role),
  passwordHash: row.password_hash,
});

/** Rows of users and sessions. Tokens come in as hashes. */
export class SessionStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async findUser(username: string): Promise<StoredUser | undefined> {
    const rows = await this.#database.query<UserRow>(
      'SELECT username, display_name, role, password_hash FROM users WHERE username = $1',
      [username],
    );
    return rows[0] && userFromRow(rows[0]);
  }

  /** Adds users that are not there; gives back the names of those it added. */
  async addUsers(users: readonly StoredUser[]): Promise<string[]> {
    const added: string[] = [];
    for (const user of users) {
      const rows = await this.#database.query<{ username: string }>(
        `INSERT INTO users (username, display_name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (username) DO NOTHING RETURNING username`,
        [user.username, user.displayName, user.role, user.passwordHash, this.#clock.now()],
      );
      if (rows.length > 0) added.push(user.username);
    }
    return added;
  }

  async setPassword(username: string, passwordHash: string): Promise<void> {
    await this.#database.transaction(async (database) => {
      await database.query('UPDATE users SET password_hash = $2 WHERE username = $1', [username, passwordHash]);
      await database.query('DELETE FROM sessions WHERE username = $1', [username]);
    });
  }

  async addSession(tokenHash: string, username: string, expiresAt: Date): Promise<void> {
    const now = this.#clock.now();
    await this.#database.query('DELETE FROM sessions WHERE expires_at < $1', [now]);
    await this.#database.query(
      'INSERT INTO sessions (token_hash, username, created_at, expires_at) VALUES ($1, $2, $3, $4)',
      [tokenHash, username, now, expiresAt],
    );
  }

  async findSession(tokenHash: string): Promise<{ user: User; expiresAt: Date } | undefined> {
    const rows = await this.#database.prepared<SessionRow>(
      'session_find',
      `SELECT u.username, u.display_name, u.role, s.expires_at FROM sessions s JOIN users u USING (username)
       WHERE s.token_hash = $1 AND s.expires_at > $2`,
      [tokenHash, this.#clock.now()],
    );
    const row = rows[0];
    if (!row) return undefined;
    const user = { username: row.username, displayName: row.display_name, role: roleSchema.parse(row.role) };
    return { user, expiresAt: row.expires_at };
  }

  async removeSession(tokenHash: string): Promise<void> {
    await this.#database.query('DELETE FROM sessions WHERE token_hash = $1', [tokenHash]);
  }
}
