import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { REPOSITORY_ROOT } from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';

const INFRA = join(REPOSITORY_ROOT, 'infra');

/** Runs the CDK on the stacks of an environment; its packages are installed first, once. */
export async function runCdk(context: CommandContext, environmentName: string, args: readonly string[]): Promise<void> {
  if (!existsSync(join(INFRA, 'environments', `${environmentName}.json`))) {
    throw new AssayError('not_found', {
      what: 'there is no such environment',
      given: environmentName,
      fix: `copy infra/environments/example.json to infra/environments/${environmentName}.json and fill it in`,
    });
  }
  await installPackages(context);
  // The CDK gives this to a shell, in the folder of the app.
  const app = `${process.execPath.replaceAll(' ', '\\ ')} app.ts`;
  const cdk = join(INFRA, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  await run(context, process.execPath, [cdk, ...args, '--app', app, '--output', join(INFRA, 'cdk.out')], {
    ASSAY_ENVIRONMENT: environmentName,
  });
}

/** Prints what each size costs a month. */
export async function printCosts(context: CommandContext): Promise<void> {
  const script = `import { costTable } from ${JSON.stringify(join(INFRA, 'src/cost.ts'))}; console.log(costTable());`;
  await run(context, process.execPath, ['--input-type=module', '--eval', script], {});
}

async function installPackages(context: CommandContext): Promise<void> {
  if (existsSync(join(INFRA, 'node_modules', 'aws-cdk-lib'))) return;
  context.printError('assay: installing the packages of the cloud deployment (once, about 250 MB)');
  const npm = join(dirname(process.execPath), 'npm');
  await run(context, existsSync(npm) ? npm : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {});
}

function run(
  context: CommandContext,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...context.environment, ...environment };
    const child = spawn(program, args, { cwd: INFRA, stdio: 'inherit', env, signal: context.signal });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      reject(new AssayError('unavailable', { what: 'the step above failed', given: `${program} ended with ${code}` }));
    });
  });
}
