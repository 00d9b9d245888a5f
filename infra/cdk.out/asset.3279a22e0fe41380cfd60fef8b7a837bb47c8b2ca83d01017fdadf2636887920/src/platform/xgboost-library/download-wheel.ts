import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AssayError } from '../../domain/index.ts';
import { type Wheel, XGBOOST_VERSION } from './wheels.ts';

const run = promisify(execFile);
const DOWNLOAD_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** pip honours the site's mirror, proxy and certificates, which is why it is used; a wheel needs no Python to be unpacked. */
const PIPS: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['python', '-m', 'pip'],
  ['pip'],
];

/** Downloads the wheel into `directory` with the first pip that can; the caller checks the hash. */
export async function downloadWheel(wheel: Wheel, directory: string, signal?: AbortSignal): Promise<string> {
  const failures: string[] = [];
  for (const [command, ...prefix] of PIPS) {
    try {
      await run(command, [...prefix, ...pipArguments(wheel, directory)], {
        timeout: DOWNLOAD_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        ...(signal && { signal }),
      });
      return join(directory, wheel.fileName);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(`${[command, ...prefix].join(' ')}: ${lastLine(error)}`);
    }
  }
  throw noWay(wheel, failures);
}

function pipArguments(wheel: Wheel, directory: string): string[] {
  return [
    'download',
    '--disable-pip-version-check',
    '--no-input',
    '--no-deps',
    '--only-binary=:all:',
    `--platform=${wheel.platformTag}`,
    '--python-version=3.11',
    `--dest=${directory}`,
    `${wheel.project}==${XGBOOST_VERSION}`,
  ];
}

function lastLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'ENOENT') return 'not installed';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  const lines = `${stderr.trim() || error.message}`.split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? error.message;
}

function noWay(wheel: Wheel, failures: readonly string[]): AssayError {
  return new AssayError('unavailable', {
    what: `libxgboost ${XGBOOST_VERSION} is not here and could not be downloaded`,
    given: failures.join(' | '),
    allowed: `${wheel.fileName}, sha256 ${wheel.sha256}`,
    fix:
      `one of three ways: (1) make "python3 -m pip download ${wheel.project}==${XGBOOST_VERSION}" work (install pip, set its index or proxy) and run this again; ` +
      `(2) bring the wheel on a disk and run "npx assay doctor --fix --from ${wheel.fileName}"; ` +
      `(3) set XGBOOST_LIB to a libxgboost ${XGBOOST_VERSION} that is already installed`,
  });
}
