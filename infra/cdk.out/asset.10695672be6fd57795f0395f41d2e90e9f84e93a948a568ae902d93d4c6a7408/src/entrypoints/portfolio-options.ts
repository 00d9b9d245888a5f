import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_PORTFOLIO } from '../../portfolios/index.ts';
import type { CommandContext } from './context.ts';

/** Options every command on a lending book shares. */
export type PortfolioOptions = {
  readonly portfolio: string;
  readonly data: string;
  readonly borrowers: number;
  readonly seed: number;
};

export const DEFAULT_BORROWERS = 10_000;
export const DEFAULT_SEED = 1;
const MAX_BORROWERS = 5_000_000;

export function withPortfolioOptions(command: Command, context: CommandContext): Command {
  return command
    .option('--portfolio <name>', 'the lending book, a folder of portfolios/', DEFAULT_PORTFOLIO)
    .option(
      '--data <dir>',
      "directory of a real book's files",
      (path) => resolve(context.workingDirectory, path),
      context.workingDirectory,
    )
    .option('--borrowers <n>', 'size of a simulated book', wholeNumber(MAX_BORROWERS), DEFAULT_BORROWERS)
    .option('--seed <n>', 'seed of a simulated book', wholeNumber(2 ** 31 - 1), DEFAULT_SEED);
}

export function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${max}`);
  };
}
