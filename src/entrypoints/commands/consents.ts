import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';

export type ConsentsOptions = { readonly portfolio: string; readonly as: string; readonly json?: boolean };
export type GrantOptions = ConsentsOptions & {
  readonly purpose: string;
  readonly platform: string;
  readonly scope: string;
  readonly days: string;
  readonly textVersion: string;
  readonly textFile: string;
  readonly evidence: string;
};

const NOTES = `
What may be asked for under which consent, and where never: docs/social-networks.md.

Examples:
  assay consents list C000123 --as compliance
  assay consents grant C000123 --as underwriter --platform plaza --scope account_age_days --days 90 \\
    --text-version v1 --text-file consent-v1.txt --evidence 'signed form 4711'
  assay consents revoke C000123 01a2… --as underwriter`;

/** `assay consents list|grant|revoke` */
export const registerConsents: RegisterCommand = (program, context) => {
  const consents = program
    .command('consents')
    .description('what persons agreed to, and took back')
    .addHelpText('after', NOTES);
  const at = (usage: string, description: string) =>
    consents
      .command(usage)
      .description(description)
      .requiredOption('--as <user>', 'who does it; must have the role')
      .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
      .option('--json', 'print JSON');
  at('list <borrower>', 'every consent of a person, those that ended included').action(
    async (borrower: string, options: ConsentsOptions) => {
      const { listConsents } = await import('../consents.ts');
      await listConsents(context, borrower, options);
    },
  );
  at('grant <borrower>', 'keep a consent, with the text that was agreed to')
    .option('--purpose <purpose>', 'credit_decision or model_development', 'credit_decision')
    .requiredOption('--platform <name>', 'whose interface may be asked')
    .requiredOption('--scope <names>', 'attributes, commas between')
    .requiredOption('--days <number>', 'for how long, at most 365')
    .requiredOption('--text-version <name>', 'version of the text that was shown')
    .requiredOption('--text-file <path>', 'the text that was shown')
    .requiredOption('--evidence <text>', 'how it was given; sealed under the key of the person')
    .action(async (borrower: string, options: GrantOptions) => {
      const { grantConsent } = await import('../consents.ts');
      await grantConsent(context, borrower, options);
    });
  at('revoke <borrower> <consent>', 'take a consent back, from this instant on').action(
    async (borrower: string, consent: string, options: ConsentsOptions) => {
      const { revokeConsent } = await import('../consents.ts');
      await revokeConsent(context, { borrower, consent }, options);
    },
  );
};
