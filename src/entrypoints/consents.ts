import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { consentGrantSchema, parseWith, userWhoMay } from '../api/index.ts';
import type { Consent, ConsentStore } from '../decisions/index.ts';
import { AssayError } from '../domain/index.ts';
import { isConsentLive } from '../features/index.ts';
import { withBookDecisions } from './book-decisions.ts';
import type { ConsentsOptions, GrantOptions } from './commands/consents.ts';
import type { CommandContext } from './context.ts';

type Operation = 'listConsents' | 'grantConsent' | 'revokeConsent';

/** The consents of a book, by a user whose role it is. @throws AssayError forbidden, not_found for an unknown user */
function withConsents(
  context: CommandContext,
  { portfolio, as }: ConsentsOptions,
  operation: Operation,
  work: (consents: ConsentStore, actor: string) => Promise<void>,
): Promise<void> {
  return withBookDecisions(context, portfolio, async ({ consents }, { database }) => {
    const { username } = await userWhoMay(database, as, operation);
    await work(consents, username);
  });
}

export function listConsents(context: CommandContext, borrower: string, options: ConsentsOptions): Promise<void> {
  return withConsents(context, options, 'listConsents', async (consents) => {
    const all = await consents.of(borrower);
    const lines = all.map((consent) => consentText(consent, context.clock.now()));
    context.print(options.json ? JSON.stringify(all, null, 2) : lines.join('\n') || 'no consent');
  });
}

export async function grantConsent(context: CommandContext, borrower: string, options: GrantOptions): Promise<void> {
  const text = await textOf(resolve(context.workingDirectory, options.textFile));
  const { purpose, platform, textVersion, evidence } = options;
  const [scope, days] = [options.scope.split(',').map((name) => name.trim()), Number(options.days)];
  const grant = parseWith(
    consentGrantSchema,
    { purpose, platform, scope, days, textVersion, text, evidence },
    'consent',
  );
  await withConsents(context, options, 'grantConsent', async (consents, actor) => {
    print(context, options, await consents.grant({ ...grant, borrowerId: borrower }, actor));
  });
}

export function revokeConsent(
  context: CommandContext,
  { borrower, consent }: { readonly borrower: string; readonly consent: string },
  options: ConsentsOptions,
): Promise<void> {
  return withConsents(context, options, 'revokeConsent', async (consents, actor) => {
    print(context, options, await consents.revoke(borrower, consent, actor));
  });
}

function print(context: CommandContext, { json }: ConsentsOptions, consent: Consent): void {
  context.print(json ? JSON.stringify(consent, null, 2) : consentText(consent, context.clock.now()));
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const fix = 'name the file that holds the text as it was shown';
    throw new AssayError('bad_input', { what: 'the text of the consent cannot be read', given: path, fix }, { cause });
  }
}

function consentText(consent: Consent, now: Date): string {
  const { consentId, purpose, platform, scope, grantedAt, expiresAt, revokedAt, textVersion } = consent;
  const until = revokedAt ? `taken back ${revokedAt}` : `until ${expiresAt}`;
  const state = isConsentLive(consent, platform, now, purpose) ? 'live' : 'ended';
  return `${consentId}  ${state}  ${purpose} at ${platform}: ${scope.join(', ')}; from ${grantedAt}, ${until}; text ${textVersion}`;
}
