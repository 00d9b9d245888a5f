import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, withPortfolioOptions } from '../portfolio-options.ts';

/** `assay worker`: reads the stream of a book into the online store and the raw zone; `assay up` runs one by itself. */
export const registerWorker: RegisterCommand = (program, context) => {
  const command = program
    .command('worker')
    .description('read the stream of a book into the online store and the raw zone (assay up runs one by itself)');
  withPortfolioOptions(command, context).action((options: PortfolioOptions) => work(context, options));
};

async function work(context: CommandContext, options: PortfolioOptions): Promise<void> {
  const { loadConfig } = await import('../../platform/index.ts');
  const { faultSwitch, openEventBook, runWorker } = await import('../stream-worker/index.ts');
  const config = loadConfig(context.environment, context.workingDirectory);
  const book = await openEventBook({ config, portfolio: options.portfolio, clock: context.clock });
  try {
    context.printError(`assay: reading the stream ${book.events.stream.name}; end with Ctrl-C`);
    const fault = faultSwitch(context.environment['ASSAY_TEST_FAULTS'], Math.random);
    await runWorker({ ...book, fault }, context.signal);
  } finally {
    await book.close();
  }
}
