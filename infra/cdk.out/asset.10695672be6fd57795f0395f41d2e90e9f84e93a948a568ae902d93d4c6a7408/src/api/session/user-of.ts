import { type Database, systemClock } from '../../platform/index.ts';
import { SessionStore, type User } from './store.ts';

/** A user by name, for commands that act as one. */
export async function userOf(database: Database, username: string): Promise<User | undefined> {
  const found = await new SessionStore(database, systemClock).findUser(username);
  return found && { username: found.username, displayName: found.displayName, role: found.role };
}
