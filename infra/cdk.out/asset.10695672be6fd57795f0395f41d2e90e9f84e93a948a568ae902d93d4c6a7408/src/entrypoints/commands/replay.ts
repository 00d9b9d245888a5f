import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import { EXIT_FAILED, type RegisterCommand, UsageError } from '../context.ts';

type ReplayOptions = { readonly portfolio: string; readonly all?: boolean; readonly json?: boolean };

/** `assay replay DECISION_ID|--all` */
export const registerReplay: RegisterCommand = (program, context) => {
  program
    .command('replay [decision]')
    .description(
      'compute decisions again from their records, bit for bit; a difference is attributed to data, feature, model, policy or record',
    )
    .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
    .option('--all', 'every decision of the book')
    .option('--json', 'print JSON')
    .action(async (decision: string | undefined, options: ReplayOptions) => {
      if ((decision === undefined) === (options.all !== true)) {
        throw new UsageError({ what: 'what to replay is not clear', allowed: 'the id of a decision, or --all' });
      }
      const { replayDecisions } = await import('../replay-decisions.ts');
      if (!(await replayDecisions(context, { ...options, decision }))) process.exitCode = EXIT_FAILED;
    });
};
