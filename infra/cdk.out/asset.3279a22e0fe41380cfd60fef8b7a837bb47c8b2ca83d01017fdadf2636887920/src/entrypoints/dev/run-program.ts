import { spawn } from 'node:child_process';
import { REPOSITORY_ROOT } from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';

/** Runs Node.js on a script of the repository with the terminal passed on; gives the exit code. */
export function runNode(
  context: CommandContext,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: REPOSITORY_ROOT,
      stdio: 'inherit',
      env: { ...context.environment, ...environment },
      signal: context.signal,
      // The runner's own interrupt handling prints what was running.
      killSignal: 'SIGINT',
    });
    child.once('error', (error) => (error.name === 'AbortError' ? undefined : reject(error)));
    child.once('close', (code) => resolve(code ?? 1));
  });
}
