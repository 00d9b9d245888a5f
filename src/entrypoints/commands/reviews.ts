import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import type { RegisterCommand } from '../context.ts';
import { wholeNumber } from '../portfolio-options.ts';

export type ReviewsOptions = {
  readonly portfolio: string;
  readonly as: string;
  readonly limit: number;
  readonly json?: boolean;
};

const MAX_CASES = 200;

/** `assay reviews list` */
export const registerReviews: RegisterCommand = (program, context) => {
  const reviews = program.command('reviews').description('decisions that wait for a person');
  reviews
    .command('list')
    .description('what waits, most urgent first')
    .requiredOption('--as <user>', 'who asks; must have the role')
    .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
    .option('--limit <n>', 'cases to show', wholeNumber(MAX_CASES), MAX_CASES)
    .option('--json', 'print JSON')
    .action(async (options: ReviewsOptions) => {
      const { listReviews } = await import('../reviews.ts');
      await listReviews(context, options);
    });
};
