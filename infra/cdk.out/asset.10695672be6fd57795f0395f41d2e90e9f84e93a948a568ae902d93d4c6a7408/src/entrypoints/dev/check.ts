import type { CommandContext } from '../context.ts';
import { runNode } from './run-program.ts';
import { testArguments } from './run-tests.ts';
import { TOOLS } from './tools.ts';

const UNIT_TESTS = ['src/**/*.test.ts', 'portfolios/**/*.test.ts', 'web/src/**/*.test.ts', 'test/architecture.test.ts'];

/** Types, lint, format, import rules, unit tests: what to run before each commit. Goes on after a failure; true when all is well. */
export async function check(context: CommandContext): Promise<boolean> {
  const failed: string[] = [];
  for (const tool of TOOLS) {
    if (context.signal.aborted) return false;
    if ((await runNode(context, tool.args)) !== 0) failed.push(tool.name);
  }
  if ((await runNode(context, testArguments(UNIT_TESTS))) !== 0) failed.push('tests');
  context.printError(failed.length === 0 ? 'assay: check passed' : `assay: check failed: ${failed.join(', ')}`);
  return failed.length === 0;
}
