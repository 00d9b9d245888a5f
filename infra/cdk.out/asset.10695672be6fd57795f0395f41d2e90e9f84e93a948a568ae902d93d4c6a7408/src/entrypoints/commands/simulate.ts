import { SingleBar } from 'cli-progress';
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import { ESTIMATOR_NAMES, type EstimatorName } from '../../domain/index.ts';
import type { CommandContext, RegisterCommand } from '../context.ts';
import { wholeNumber } from '../portfolio-options.ts';

type SimulateOptions = {
  readonly portfolio: string;
  readonly draws: number;
  readonly seed: number;
  readonly estimator?: EstimatorName;
  readonly autoApprove?: number;
  readonly autoDecline?: number;
  readonly json: boolean;
};

const DEFAULT_DRAWS = 500;
const MAX_DRAWS = 5000;
const MAX_SEED = 2 ** 31 - 1;

const NOTES = `
The book must be scored first: assay up --once --portfolio NAME --data DIR
Reading the figures: docs/outcome-claims.md

Examples:
  assay simulate
  assay simulate --portfolio lending-club --draws 2000
  assay simulate --portfolio give-me-some-credit --auto-approve 0.5 --auto-decline 0.1 --json`;

/** `assay simulate`: what a scored book would have seen under its model instead of its incumbent rule. */
export const registerSimulate: RegisterCommand = (program, context) => {
  program
    .command('simulate')
    .description('the two outcome claims, fewer defaults and fewer reviews, against the incumbent rule of a book')
    .option('--portfolio <name>', 'the lending book, a folder of portfolios/', DEFAULT_PORTFOLIO)
    .option('--draws <n>', 'bootstrap draws', wholeNumber(MAX_DRAWS), DEFAULT_DRAWS)
    .option('--seed <n>', 'of the halves and the draws', wholeNumber(MAX_SEED), 1)
    .addOption(new Option('--estimator <name>', "default: the champion's").choices(ESTIMATOR_NAMES))
    .option('--auto-approve <share>', 'approved without a person under the incumbent', shareOf)
    .option('--auto-decline <share>', 'declined without a person under the incumbent', shareOf)
    .option('--json', 'print figures as JSON', false)
    .addHelpText('after', NOTES)
    .action((options: SimulateOptions) => simulate(context, options));
};

function shareOf(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('It is a share between 0 and 1, for example 0.4.');
}

async function simulate(context: CommandContext, options: SimulateOptions): Promise<void> {
  const { loadConfig } = await import('../../platform/index.ts');
  const { claimsText, simulateClaims } = await import('../../simulation/index.ts');
  const { openBookFiles } = await import('../book-files.ts');
  const files = await openBookFiles(loadConfig(context.environment, context.workingDirectory), options.portfolio);
  const bar = progressBar(context, options.json);
  try {
    const { incumbent } = files.portfolio;
    const claims = await simulateClaims(files, {
      draws: options.draws,
      seed: options.seed,
      estimator: options.estimator,
      threeWay: incumbent && {
        approved: options.autoApprove ?? incumbent.threeWay.approved,
        declined: options.autoDecline ?? incumbent.threeWay.declined,
      },
      signal: context.signal,
      onProgress: bar.update,
    });
    bar.stop();
    context.print(options.json ? JSON.stringify(claims, null, 2) : claimsText(claims));
  } finally {
    bar.stop();
    await files.close();
  }
}

function progressBar({ isTerminal }: CommandContext, json: boolean) {
  if (!isTerminal || json) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {percentage} %  drawing', barsize: 28, clearOnComplete: true });
  bar.start(1, 0);
  return {
    update: (done: number, total: number) => {
      bar.setTotal(total);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
