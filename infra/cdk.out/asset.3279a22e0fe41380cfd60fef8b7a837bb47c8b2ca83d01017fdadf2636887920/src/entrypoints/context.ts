import type { Command } from 'commander';
import { AssayError } from '../domain/index.ts';
import type { Clock } from '../platform/index.ts';

/** What every command gets from the entry point: the outside world, once. */
export type CommandContext = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly clock: Clock;
  /** Fires on SIGINT and SIGTERM; long work passes it on. */
  readonly signal: AbortSignal;
  /** Progress is drawn only when true. */
  readonly isTerminal: boolean;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
};

/** A command module's one export. Heavy imports (DuckDB, koffi, the server) belong inside the action, so that `--help` stays quick. */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

/** Exit codes: 0 ok, 1 failed, 2 wrong use. */
export const EXIT_FAILED = 1;
export const EXIT_WRONG_USE = 2;

/** Wrong use of a command: exit code 2. */
export class UsageError extends AssayError {
  constructor(parts: ConstructorParameters<typeof AssayError>[1]) {
    super('bad_input', parts);
    this.name = 'UsageError';
  }
}
