import type { Command } from 'commander';
import type { CommandContext, RegisterCommand } from '../context.ts';
import { type PortfolioOptions, withPortfolioOptions } from '../portfolio-options.ts';

type RunOptions = PortfolioOptions & { readonly from?: string; readonly json?: boolean };

/** `assay pipeline run|status|show` */
export const registerPipeline: RegisterCommand = (program, context) => {
  const pipeline = program.command('pipeline').description('the state machine of a lending book, step by step');
  command(pipeline, context, 'run', 'run it; steps whose result stands are not repeated')
    .option('--from <step>', 'run this step and those after it even if their results stand')
    .action(async (options: RunOptions) => {
      const { runBook } = await import('../serve-book.ts');
      const { loadConfig } = await import('../../platform/index.ts');
      await runBook(context, loadConfig(context.environment, context.workingDirectory), options);
    });
  command(pipeline, context, 'status', 'the last run and its steps').action(async (options: RunOptions) => {
    const { pipelineStatus } = await import('../pipeline-status.ts');
    await pipelineStatus(context, options);
  });
  command(pipeline, context, 'show', 'the states, and where each leads').action(async (options: RunOptions) => {
    const { pipelineGraph } = await import('../pipeline-status.ts');
    await pipelineGraph(context, options);
  });
};

function command(parent: Command, context: CommandContext, name: string, description: string): Command {
  return withPortfolioOptions(parent.command(name).description(description).option('--json', 'print JSON'), context);
}
