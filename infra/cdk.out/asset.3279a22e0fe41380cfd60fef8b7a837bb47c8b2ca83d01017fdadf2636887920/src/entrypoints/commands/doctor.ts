import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type CommandContext, EXIT_FAILED, UsageError } from '../context.ts';
import type { Finding } from '../doctor/index.ts';

type DoctorOptions = { readonly json: boolean; readonly fix: boolean; readonly from?: string };

/** `assay doctor`: what is installed, which engines run, and how to mend what is missing. */
export function registerDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('Show what is installed, which engines run, their versions, and how to fix what is missing.')
    .option('--fix', 'fetch libxgboost, build the web app and create the database where they are missing', false)
    .option('--from <wheel>', 'with --fix: take libxgboost from this wheel instead of downloading it')
    .option('--json', 'findings as JSON', false)
    .action(async (options: DoctorOptions) => {
      if (options.from !== undefined && !options.fix) {
        throw new UsageError({ what: '--from is for --fix', given: `--from ${options.from}`, fix: 'add --fix' });
      }
      const findings = await runDoctor(options, context);
      const isHealthy = findings.every((finding) => finding.status !== 'missing');
      context.print(options.json ? JSON.stringify({ healthy: isHealthy, findings }, null, 2) : asTable(findings));
      if (!isHealthy) process.exitCode = EXIT_FAILED;
    });
}

async function runDoctor(options: DoctorOptions, context: CommandContext): Promise<Finding[]> {
  const { examine, mend } = await import('../doctor/index.ts');
  if (options.fix) {
    await mend(context, options.from === undefined ? {} : { wheel: resolve(context.workingDirectory, options.from) });
  }
  return examine(context);
}

const MARKS = { ok: 'ok      ', missing: 'MISSING ', optional: 'absent  ' };

function asTable(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map((finding) => finding.name.length));
  return findings
    .flatMap((finding) => {
      const line = `${MARKS[finding.status]} ${finding.name.padEnd(width)}  ${finding.detail}`;
      return finding.fix === undefined ? [line] : [line, `${' '.repeat(width + 11)}fix: ${finding.fix}`];
    })
    .join('\n');
}
