import type { RegisterCommand } from '../context.ts';

/** `assay cloud synth|diff|deploy|destroy|cost`: the deployment of infra/ to AWS; docs/deploy-to-aws.md says what comes before and after. */
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
    .command('cost')
    .description('what each size costs a month, by list prices')
    .action(async () => {
      const { printCosts } = await import('../cloud/cdk.ts');
      await printCosts(context);
    });
};
