import { Option } from 'commander';
import { ESTIMATOR_NAMES, type EstimatorName } from '../../domain/index.ts';
import type { RegisterCommand } from '../context.ts';
import { type PortfolioOptions, withPortfolioOptions } from '../portfolio-options.ts';

export type TrainOptions = PortfolioOptions & {
  readonly estimator?: readonly EstimatorName[];
  readonly as?: string;
  readonly json?: boolean;
};

/** `assay train`: model versions from the training set as it lies, registered as candidates. */
export const registerTrain: RegisterCommand = (program, context) => {
  const command = program
    .command('train')
    .description('train estimators on the frozen training set of a book; the versions wait as candidates')
    .addOption(new Option('--estimator <name...>', "default: the portfolio's").choices(ESTIMATOR_NAMES))
    .option('--as <user>', 'who makes the version, and so may not approve it (default: the pipeline)')
    .option('--json', 'print JSON');
  withPortfolioOptions(command, context).action(async (options: TrainOptions) => {
    const { loadConfig } = await import('../../platform/index.ts');
    const { trainCommand } = await import('../train.ts');
    await trainCommand(context, loadConfig(context.environment, context.workingDirectory), options);
  });
};
