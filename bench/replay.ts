/**
 * Ten thousand decisions made, then computed again in a fresh process; and a book trained twice from the same data and seed, in two
 * data directories (R13): every bit of every decision the same, every model file of one hash.
 * Needs nothing but this repository; about four minutes. node bench/replay.ts [--borrowers 800] [--json]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { REPOSITORY_ROOT, stampOf } from '../src/platform/index.ts';

const { values } = parseArgs({
  options: { borrowers: { type: 'string', default: '800' }, json: { type: 'boolean' } },
});
const run = promisify(execFile);

/** Hash of what each model version predicts with, by the name of the version. */
async function trained(home: string): Promise<Map<string, string>> {
  const words = [join(REPOSITORY_ROOT, 'bin/assay.js'), 'up', '--once', '--borrowers', values.borrowers];
  await run(process.execPath, words, { env: { ...process.env, ASSAY_HOME: home }, maxBuffer: 1 << 26 });
  const hashes = new Map<string, string>();
  for (const version of (await readdir(join(home, 'models'))).sort()) {
    hashes.set(version, (await stampOf(join(home, 'models', version, 'model.json'))).sha256);
  }
  return hashes;
}

async function decidedAndReplayed(): Promise<{ replayed: number; identical: number; seconds: number }> {
  const script = join(REPOSITORY_ROOT, 'bench/serving.ts');
  const { stdout } = await run(process.execPath, [script, '--check', 'replay', '--json'], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

const root = await mkdtemp(join(tmpdir(), 'assay-replay-'));
try {
  const { replayed, identical, seconds } = await decidedAndReplayed();
  const [first, second] = [await trained(join(root, 'one')), await trained(join(root, 'two'))];
  const different = [...new Set([...first.keys(), ...second.keys()])].filter((v) => first.get(v) !== second.get(v));
  const figures = {
    replayed,
    identical,
    replaySeconds: seconds,
    modelVersions: first.size,
    differentModels: different,
  };
  console.log(JSON.stringify(figures, null, values.json ? 0 : 2));
  process.exitCode = replayed >= 10_000 && identical === replayed && different.length === 0 ? 0 : 1;
} finally {
  await rm(root, { recursive: true, force: true });
}
