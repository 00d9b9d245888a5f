import { AssayError } from '../../domain/index.ts';
import type { Database } from '../../platform/index.ts';
import { mayCall } from '../access.ts';
import { type OperationId, operations } from '../contract.ts';
import type { User } from './store.ts';
import { userOf } from './user-of.ts';

/**
 * The user who does something outside the web app, held to the same rights as there.
 * @throws AssayError not_found for a name nobody has; forbidden for a role that may not do it
 */
export async function userWhoMay(database: Database, username: string, operation: OperationId): Promise<User> {
  const user = await userOf(database, username);
  if (!user) {
    throw new AssayError('not_found', {
      what: 'no such user',
      given: username,
      fix: 'name one who can sign in; the first start of the server (assay up) makes one for each role',
    });
  }
  if (mayCall(user.role, operation)) return user;
  throw new AssayError('forbidden', {
    what: `the role ${user.role} may not do this: ${operations[operation].summary.toLowerCase()}`,
    given: username,
    fix: 'ask someone whose role it is',
  });
}
