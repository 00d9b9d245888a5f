import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';

type DecideOptions = { readonly portfolio: string; readonly as: string; readonly key?: string };

/** `assay decide FILE.json|-` */
export const registerDecide: RegisterCommand = (program, context) => {
  program
    .command('decide <file>')
    .description(
      'decide a loan application (a file of JSON, - for standard input) as the API would, and print the answer',
    )
    .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
    .option('--as <user>', 'who decides; must have the role', 'underwriter')
    .option('--key <text>', 'idempotency key: the same key and application give the same answer again')
    .option('--json', 'the answer is JSON in any case')
    .action(async (file: string, options: DecideOptions) => {
      const { decideFile } = await import('../decide-file.ts');
      await decideFile(context, file, options);
    });
};
