/** Starts an emulator of AWS on loopback, as a process of its own. Which ones there are decides the machine; each says why not. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export type Emulator = {
  readonly name: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly stop: () => Promise<void>;
};

export type EmulatorKind = {
  readonly name: string;
  /** Why it cannot be started here; false when it can. */
  readonly skip: string | false;
  readonly start: (environment?: Readonly<Record<string, string>>) => Promise<Emulator>;
};

export const REGION = 'us-east-1';
const START_MS = 30_000;
/** Well-formed and worth nothing. */
const CREDENTIALS = { accessKeyId: '000000000000', secretAccessKey: 'emulated-secret-key' };

const gateway = process.env['ASSAY_VERSITYGW'] ?? onPath('versitygw') ?? join(homedir(), 'go/bin/versitygw');
const python = process.env['ASSAY_MINISTACK_PYTHON'] ?? 'python3';
const hasMinistack = spawnSync(python, ['-c', 'import ministack']).status === 0;

/** S3 alone, on plain files, with real signatures and real conditional writes. */
export const versitygw: EmulatorKind = {
  name: 'versitygw',
  skip: existsSync(gateway)
    ? false
    : 'versitygw is not on PATH (go install github.com/versity/versitygw/cmd/versitygw@latest); set ASSAY_VERSITYGW',
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-s3-'));
    const port = await freePort();
    const args = [
      '--access',
      CREDENTIALS.accessKeyId,
      '--secret',
      CREDENTIALS.secretAccessKey,
      '--port',
      `127.0.0.1:${port}`,
    ];
    const child = spawn(gateway, [...args, '--quiet', 'posix', folder], { stdio: 'ignore' });
    return started('versitygw', child, port, folder);
  },
};

/** Many services of AWS in one Python process. */
export const ministack: EmulatorKind = {
  name: 'MiniStack',
  skip: hasMinistack ? false : `${python} has no ministack (pip install ministack); set ASSAY_MINISTACK_PYTHON`,
  start: async (environment = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'assay-ministack-'));
    const port = await freePort();
    const env = {
      ...process.env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      S3_DATA_DIR: join(folder, 's3'),
      LOG_LEVEL: 'WARNING',
      TMPDIR: folder,
      ...environment,
    };
    const child = spawn(python, ['-m', 'ministack'], {
      env,
      stdio: ['ignore', 'ignore', process.env['ASSAY_EMULATOR_LOG'] ? 'inherit' : 'ignore'],
      cwd: folder,
    });
    return started('MiniStack', child, port, folder);
  },
};

async function started(name: string, child: ChildProcess, port: number, folder: string): Promise<Emulator> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = AbortSignal.timeout(3000);
    late.addEventListener('abort', () => child.kill('SIGKILL'));
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 100) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    const answers = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answers) return { name, endpoint, credentials: CREDENTIALS, stop };
    await setTimeout(100);
  }
  await stop();
  throw new Error(`${name} did not answer within ${START_MS / 1000} s`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function onPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
