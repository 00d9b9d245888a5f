import { resolve } from 'node:path';
import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';

export type PoliciesOptions = { readonly portfolio: string; readonly json?: boolean };
export type PolicyChangeOptions = PoliciesOptions & { readonly as: string; readonly note: string };
export type ProposeOptions = PolicyChangeOptions & { readonly cases?: string };

const NOTES = `
Proposing is the portfolio manager's, approving compliance's; nobody approves what they proposed, and no version goes live whose cases do
not hold.

Examples:
  assay policies propose policy.json --cases policy.cases.json --as manager --note 'lower limits for grade E'
  assay policies approve 2026-02 --as compliance --note 'minutes of 3 February'`;

/** `assay policies list|show|propose|approve` */
export const registerPolicies: RegisterCommand = (program, context) => {
  const policies = program
    .command('policies')
    .description('the versions of the credit policy of a lending book')
    .addHelpText('after', NOTES);
  const at = (usage: string, description: string) =>
    policies
      .command(usage)
      .description(description)
      .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
      .option('--json', 'print JSON');
  const change = (usage: string, description: string) =>
    at(usage, description)
      .requiredOption('--as <user>', 'who does it; must have the role')
      .requiredOption('--note <text>', 'why; kept in the record');
  const actions = () => import('../policies.ts');
  const fromHere = (path: string): string => resolve(context.workingDirectory, path);
  at('list', 'every version, newest first').action(async (options: PoliciesOptions) => {
    await (await actions()).listPolicies(context, options);
  });
  at('show <version>', 'the rules of a version, and whether its cases hold').action(
    async (version: string, options: PoliciesOptions) => {
      await (await actions()).showPolicy(context, version, options);
    },
  );
  change('propose <file>', 'propose the policy of a file of JSON as a draft')
    .option('--cases <file>', 'its table of cases; unset: those of the live version', fromHere)
    .action(async (file: string, options: ProposeOptions) => {
      await (await actions()).proposePolicy(context, fromHere(file), options);
    });
  change('approve <version>', 'make a draft or a shadow the live version').action(
    async (version: string, options: PolicyChangeOptions) => {
      await (await actions()).approvePolicy(context, version, options);
    },
  );
};
