import type { Command } from 'commander';
import { type CommandContext, EXIT_FAILED } from '../context.ts';

/** `assay dev check|test|lockfile`: the first two are `npm run check` and `npm test`. Hidden from the help of users. */
export function registerDev(program: Command, context: CommandContext): void {
  const dev = program.command('dev', { hidden: true }).description('For those who work on Assay itself.');
  dev
    .command('check')
    .description('Types, lint, format, import rules and unit tests.')
    .action(async () => {
      const { check } = await import('../dev/index.ts');
      if (!(await check(context))) process.exitCode = EXIT_FAILED;
    });
  dev
    .command('test')
    .description('Every test this machine can run, or those of the patterns given.')
    .argument('[patterns...]', 'files or globs')
    .action(async (patterns: string[]) => {
      const { runTests } = await import('../dev/index.ts');
      if (!(await runTests(context, patterns))) process.exitCode = EXIT_FAILED;
    });
  dev
    .command('lockfile')
    .description('Put optional packages of other platforms back into package-lock.json, which npm may have left out.')
    .action(async () => {
      const { completeLockfile } = await import('../dev/index.ts');
      const added = await completeLockfile();
      context.print(added.length === 0 ? 'the lockfile is complete' : `added:\n  ${added.join('\n  ')}`);
    });
}
