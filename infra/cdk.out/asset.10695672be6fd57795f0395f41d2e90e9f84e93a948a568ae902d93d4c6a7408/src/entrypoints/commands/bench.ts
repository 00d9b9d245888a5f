import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_FAILED, type RegisterCommand, UsageError } from '../context.ts';

/** `assay bench NAME`: the door to the scripts of bench/, which measure side by side with their peer. */
export const registerBench: RegisterCommand = (program, context) => {
  program
    .command('bench')
    .description('measure, side by side with the peer in the same run; without a name: which benches there are')
    .argument('[name]')
    .argument('[options...]', "the bench's own options")
    .allowUnknownOption()
    .option('--json', 'figures as JSON, where the bench has them')
    .action(async (name: string | undefined, options: readonly string[], { json }: { json?: boolean }) => {
      const { REPOSITORY_ROOT } = await import('../../platform/index.ts');
      const benches = benchesIn(join(REPOSITORY_ROOT, 'bench'));
      if (name === undefined) return context.print(listOf(benches));
      const path = benches.get(name)?.path;
      if (path === undefined) throw unknownBench(name, benches);
      const code = await run([path, ...options, ...(json ? ['--json'] : [])], context.signal);
      if (code !== 0) process.exitCode = EXIT_FAILED;
    });
};

type Bench = { readonly path: string; readonly about: string };

/** Scripts that say in their first comment how they are run; the others are parts of these. */
function benchesIn(directory: string): ReadonlyMap<string, Bench> {
  const found = new Map<string, Bench>();
  for (const file of readdirSync(directory).sort()) {
    const name = file.replace(/\.ts$/, '');
    const path = join(directory, file);
    const comment = readFileSync(path, 'utf8').split('*/')[0]!;
    if (!comment.includes(`node bench/${file}`)) continue;
    const about = comment.split('\n').find((line) => /^ \* \S/.test(line)) ?? '';
    found.set(name, { path, about: about.slice(3) });
  }
  return found;
}

function listOf(benches: ReadonlyMap<string, Bench>): string {
  return [...benches].map(([name, { about }]) => `${name.padEnd(12)} ${about}`).join('\n');
}

function unknownBench(name: string, benches: ReadonlyMap<string, Bench>): UsageError {
  const allowed = [...benches.keys()].join(', ');
  return new UsageError({ what: 'no such bench', given: name, allowed, fix: 'assay bench lists them' });
}

function run(args: readonly string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
