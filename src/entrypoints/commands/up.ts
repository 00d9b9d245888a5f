import { availableParallelism } from 'node:os';
import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, wholeNumber, withPortfolioOptions } from '../portfolio-options.ts';

type UpOptions = PortfolioOptions & {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly workers: number;
  readonly run: boolean;
};

/** Each has its own memory and database connections; two cores are kept busy by two. */
const DEFAULT_WORKERS = Math.min(4, Math.max(2, availableParallelism()));
const MAX_WORKERS = 8;

/** `assay up`: set up what is missing, run the main job, serve. */
export const registerUp: RegisterCommand = (program, context) => {
  const command = program
    .command('up')
    .description('set up what is missing, run the main job on a lending book, then serve it (what npm start runs)')
    .option('--once', 'run the main job and exit')
    .option('--no-run', 'only serve: the main job runs elsewhere')
    .option('--workers <n>', 'processes that serve', wholeNumber(MAX_WORKERS), DEFAULT_WORKERS)
    .option('--json', 'with --once: print the result as JSON');
  withPortfolioOptions(command, context).action((options: UpOptions) => up(context, options));
};

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const { loadConfig } = await import('../../platform/index.ts');
  const config = loadConfig(context.environment, context.workingDirectory);
  const { runBook, serveBook } = await import('../serve-book.ts');
  if (options.once) return runBook(context, config, options);
  await serveBook(context, config, options);
}
