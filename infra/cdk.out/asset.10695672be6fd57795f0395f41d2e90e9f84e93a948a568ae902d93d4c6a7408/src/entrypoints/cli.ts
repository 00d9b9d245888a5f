import { Command, CommanderError } from 'commander';
import { AssayError } from '../domain/index.ts';
import { clockOf, systemClock } from './clock.ts';
import { COMMANDS } from './commands/index.ts';
import { type CommandContext, EXIT_FAILED, EXIT_WRONG_USE, UsageError } from './context.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(new AssayError('cancelled', { what: `stopped by ${signal}` })));
}

// who reads only the first lines (head) closes the pipe: no error, and nothing left to do
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const context: CommandContext = {
  environment: process.env,
  workingDirectory: process.cwd(),
  clock: systemClock,
  signal: interrupted.signal,
  isTerminal: process.stderr.isTTY === true,
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
};

function buildProgram(context: CommandContext): Command {
  const program = new Command('assay')
    .description('Credit risk, from events to decisions a lender can prove.')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const register of COMMANDS) register(program, context);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
  return error instanceof UsageError ? EXIT_WRONG_USE : EXIT_FAILED;
}

function report(error: unknown): void {
  if (error instanceof CommanderError) return; // commander has written its own message
  if (error instanceof AssayError) {
    context.printError(`assay: ${error.message}`);
    for (const issue of error.parts.issues ?? []) context.printError(`  ${issue.path}: ${issue.message}`);
  } else context.printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

try {
  await buildProgram({ ...context, clock: clockOf(process.env) }).parseAsync(process.argv);
} catch (error) {
  report(error);
  process.exitCode = exitCodeOf(error);
}
