import { resolve } from 'node:path';
import type { CommandContext, RegisterCommand } from '../context.ts';

type Options = { readonly json?: boolean };

/** `assay backup` and `assay restore`. */
export const registerBackup: RegisterCommand = (program, context) => {
  program
    .command('backup <folder>')
    .description('copy the whole data directory into a new folder, while everything goes on')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: Options) => {
      const { backUp } = await import('../backup.ts');
      await backUp(context, await configOf(context), resolve(context.workingDirectory, folder), options);
    });
  program
    .command('restore <folder>')
    .description('put a backup into the data directory that ASSAY_HOME names, which must be empty or not there')
    .option('--json', 'print JSON')
    .action(async (folder: string, options: Options) => {
      const { restore } = await import('../backup.ts');
      await restore(context, await configOf(context), resolve(context.workingDirectory, folder), options);
    });
};

const configOf = async (context: CommandContext) =>
  (await import('../../platform/index.ts')).loadConfig(context.environment, context.workingDirectory);
