import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BODY_LIMIT_BYTES, loanApplicationSchema, mayCall, parseWith, userOf } from '../api/index.ts';
import { decide } from '../decisions/index.ts';
import { AssayError, parseStrictJson } from '../domain/index.ts';
import type { Database } from '../platform/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { CommandContext } from './context.ts';

type DecideOptions = { readonly portfolio: string; readonly as: string; readonly key?: string };

/**
 * Decides the loan application in a file, with the checks of the API, and prints the answer's bytes.
 * @throws AssayError as `decide`; bad_input for a file that is not one; forbidden for a user who may not
 */
export async function decideFile(context: CommandContext, file: string, options: DecideOptions): Promise<void> {
  const bytes = await readInput(context, file);
  const application = parseWith(loanApplicationSchema, parseStrictJson(bytes), 'loan application');
  await withBookDecisions(context, options.portfolio, async (decisions, { database }) => {
    await refuseOthers(database, options.as);
    const answer = await decide(decisions, { application, actor: options.as, idempotencyKey: options.key });
    context.print(answer.response);
  });
}

async function readInput(context: CommandContext, file: string): Promise<Uint8Array> {
  const path = resolve(context.workingDirectory, file);
  const bytes = await (file === '-' ? buffer(process.stdin) : readFile(path)).catch((cause: Error) => {
    throw new AssayError('bad_input', { what: 'the file cannot be read', given: cause.message }, { cause });
  });
  if (bytes.length <= BODY_LIMIT_BYTES) return bytes;
  throw new AssayError('bad_input', {
    what: 'the file is too large for a loan application',
    given: `${bytes.length} bytes`,
    allowed: `at most ${BODY_LIMIT_BYTES}`,
  });
}

async function refuseOthers(database: Database, username: string): Promise<void> {
  const user = await userOf(database, username);
  if (user && mayCall(user.role, 'createApplication')) return;
  throw new AssayError('forbidden', {
    what: 'this user may not decide on loan applications',
    given: user ? `${username}, ${user.role}` : `${username}, who is not a user`,
    allowed: 'a user with the role underwriter',
    fix: 'name one: --as USER',
  });
}
