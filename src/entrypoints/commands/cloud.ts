import type { RegisterCommand } from '../context.ts';

const HELP_MIGRATE = `
From ASSAY_HOME to ASSAY_LAKE_URL, DATABASE_URL (or ASSAY_DATABASE_SECRET) and ASSAY_AUDIT_URL: objects by their SHA-256, rows
as of one moment in one transaction, checkpoints. All of it is read back and compared; run again it goes on; ASSAY_HOME stays
as it is. Stop the server first: what it decides meanwhile is left behind.`;

/** `assay cloud synth|diff|deploy|destroy|cost|migrate`: the deployment of infra/ to AWS; docs/deploy-to-aws.md says what comes before and after. */
export const registerCloud: RegisterCommand = (program, context) => {
  const cloud = program.command('cloud').description('deploy to AWS: the stacks of infra/, by the CDK');
  const actions = [
    ['synth', 'write the templates, checked by cdk-nag', ['synth', '--quiet']],
    ['diff', 'what a deployment would change', ['diff']],
    ['deploy', 'create or change every stack', ['deploy', '--all', '--require-approval', 'broadening']],
    ['destroy', 'remove every stack; what keepOnDestroy keeps, stays', ['destroy', '--all']],
  ] as const;
  for (const [name, description, args] of actions) {
    cloud
      .command(name)
      .description(description)
      .requiredOption('--env <name>', 'a file of infra/environments/, without .json')
      .action(async ({ env }: { env: string }) => {
        const { runCdk } = await import('../cloud/cdk.ts');
        await runCdk(context, env, args);
      });
  }
  cloud
    .command('migrate')
    .description('bring the data directory to the lake, the database and the locked bucket that the environment names')
    .option('--json', 'print what was copied as JSON')
    .addHelpText('after', HELP_MIGRATE)
    .action(async (options: { json?: boolean }) => {
      const { loadConfig } = await import('../../platform/index.ts');
      const { migrateToCloud } = await import('../cloud/migrate.ts');
      await migrateToCloud(context, loadConfig(context.environment, context.workingDirectory), options);
    });
  cloud
    .command('cost')
    .description('what each size costs a month, by list prices')
    .action(async () => {
      const { printCosts } = await import('../cloud/cdk.ts');
      await printCosts(context);
    });
};
