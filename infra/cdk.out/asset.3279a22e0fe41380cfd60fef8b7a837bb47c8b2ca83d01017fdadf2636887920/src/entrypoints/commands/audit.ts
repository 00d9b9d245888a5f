import { resolve } from 'node:path';
import { DEFAULT_PORTFOLIO } from '../../../portfolios/index.ts';
import { EXIT_FAILED, type RegisterCommand } from '../context.ts';

type Common = { readonly portfolio?: string; readonly json?: boolean };

/** `assay audit verify|checkpoint|prove|export` */
export const registerAudit: RegisterCommand = (program, context) => {
  const audit = program.command('audit').description('the record of decisions and of everything around them');
  const config = async () =>
    (await import('../../platform/index.ts')).loadConfig(context.environment, context.workingDirectory);
  const fromHere = (path: string): string => resolve(context.workingDirectory, path);
  audit
    .command('verify')
    .description(
      'recompute every hash from the rows and files themselves; says which record was changed, moved or removed',
    )
    .option('--portfolio <name>', 'this lending book only; without it all of them')
    .option('--checkpoint <file...>', 'checkpoints kept elsewhere, to hold those here against')
    .option('--json', 'print JSON')
    .action(async (options: Common & { checkpoint?: string[] }) => {
      const { verifyCommand } = await import('../audit.ts');
      const copies = options.checkpoint?.map(fromHere) ?? [];
      const ok = await verifyCommand(context, await config(), { ...options, checkpoint: copies });
      if (!ok) process.exitCode = EXIT_FAILED;
    });
  audit
    .command('checkpoint')
    .description('sign what the record holds now; a running server does so by itself')
    .option('--portfolio <name>', 'this lending book only; without it all of them')
    .option('--json', 'print JSON')
    .action(async (options: Common) => {
      const { checkpointCommand } = await import('../audit.ts');
      await checkpointCommand(context, await config(), options);
    });
  audit
    .command('prove <decision>')
    .description('the proof that a decision is under a signed checkpoint, as JSON; docs/check-proof.mjs checks it')
    .action(async (decision: string) => {
      const { proveCommand } = await import('../audit.ts');
      await proveCommand(context, await config(), decision);
    });
  audit
    .command('export <folder>')
    .description('every record, the checkpoints and the public keys, as files for an auditor')
    .option('--portfolio <name>', 'the lending book', DEFAULT_PORTFOLIO)
    .action(async (folder: string, options: { portfolio: string }) => {
      const { exportCommand } = await import('../audit.ts');
      await exportCommand(context, await config(), { ...options, out: fromHere(folder) });
    });
};
