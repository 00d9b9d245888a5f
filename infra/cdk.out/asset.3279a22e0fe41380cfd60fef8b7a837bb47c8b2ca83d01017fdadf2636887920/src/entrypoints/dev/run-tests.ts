import { availableParallelism } from 'node:os';
import { AssayError } from '../../domain/index.ts';
import { ensureXgboost, loadConfig } from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';
import { ensureWebApp } from '../setup/index.ts';
import { runNode } from './run-program.ts';

const ALL_TESTS = ['src/**/*.test.ts', 'portfolios/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts'];
/** No single test may hang the run. */
const TEST_TIMEOUT_MS = 900_000;

/**
 * Makes sure of what tests need, then runs every test this machine can run, or those of the patterns given, in one run of
 * Node's test runner, whose totals end the output. True when all passed.
 */
export async function runTests(context: CommandContext, patterns: readonly string[]): Promise<boolean> {
  const environment = await prepare(context);
  const code = await runNode(context, testArguments(patterns.length === 0 ? ALL_TESTS : patterns), environment);
  return code === 0;
}

export function testArguments(patterns: readonly string[]): string[] {
  return [
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-concurrency=${availableParallelism()}`,
    ...patterns,
  ];
}

/** What cannot be prepared is said, and the tests that need it skip or fail by themselves: the others still run. */
async function prepare(context: CommandContext): Promise<Record<string, string>> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const onProgress = (text: string): void => context.printError(`assay: ${text}`);
  const step = { onProgress, signal: context.signal };
  const library = await orSay(context, () => ensureXgboost(config, step));
  await orSay(context, () => ensureWebApp(step));
  return library === undefined ? {} : { XGBOOST_LIB: library };
}

async function orSay<T>(context: CommandContext, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (context.signal.aborted || !(error instanceof AssayError)) throw error;
    context.printError(`assay: ${error.message}`);
    return undefined;
  }
}
