import { randomBytes } from 'node:crypto';
import type { Clock, Database } from '../../platform/index.ts';
import type { Role } from '../contract.ts';
import { hashPassword } from './password.ts';
import { SessionStore, type StoredUser } from './store.ts';

export type Credential = { readonly username: string; readonly role: Role; readonly password: string };

const SEED: readonly { username: string; displayName: string; role: Role }[] = [
  { username: 'modeller', displayName: 'Modeller', role: 'modeller' },
  { username: 'validator', displayName: 'Validator', role: 'validator' },
  { username: 'underwriter', displayName: 'Underwriter', role: 'underwriter' },
  { username: 'manager', displayName: 'Portfolio manager', role: 'portfolio_manager' },
  { username: 'compliance', displayName: 'Compliance', role: 'compliance' },
  { username: 'engineer', displayName: 'Data engineer', role: 'data_engineer' },
  { username: 'admin', displayName: 'Administrator', role: 'admin' },
];

/**
 * Adds one user for each role where there is none, each with a password of its own.
 * @returns the credentials of the users added by this call; later calls give none, passwords are not kept
 */
export async function seedUsers(options: {
  readonly database: Database;
  readonly clock: Clock;
  /** For tests: the password of everyone. */
  readonly password?: string | undefined;
}): Promise<Credential[]> {
  const store = new SessionStore(options.database, options.clock);
  const added: Credential[] = [];
  for (const seed of SEED) {
    if (await store.findUser(seed.username)) continue;
    const password = options.password ?? randomBytes(12).toString('base64url');
    const user: StoredUser = { ...seed, passwordHash: await hashPassword(password) };
    const names = await store.addUsers([user]);
    if (names.length > 0) added.push({ username: seed.username, role: seed.role, password });
  }
  return added;
}

/** Gives a user a new password and ends their sessions. */
export async function resetPassword(
  options: { readonly database: Database; readonly clock: Clock },
  username: string,
  password: string,
): Promise<void> {
  await new SessionStore(options.database, options.clock).setPassword(username, await hashPassword(password));
}
