#!/usr/bin/env node
// The door of Assay: plain JavaScript that Node 20 runs with nothing installed. It installs the packages when the lockfile
// asks for others than are there, then runs src/entrypoints/cli.ts under the Node 24 that the packages bring.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_NODE = 20;
const RUNTIME_NODE = 24;
const EXIT_FAILED = 1;
const LOCK_POLL_MS = 500;

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const entry = join(root, 'src', 'entrypoints', 'cli.ts');

class SetUpError extends Error {
  constructor(what, given, allowed, fix) {
    super(`${what}; given: ${given}; allowed: ${allowed}; fix: ${fix}`);
  }
}

function majorOf(version) {
  return Number(version.split('.')[0]);
}

function checkNode() {
  if (majorOf(process.versions.node) >= OLDEST_NODE) return;
  throw new SetUpError(
    'this Node.js is too old',
    process.versions.node,
    `${OLDEST_NODE} or newer`,
    'install a newer Node.js from https://nodejs.org and run the command again',
  );
}

/** Where the runtime is: this process, or the binary from the platform's package. */
function runtimePath() {
  if (majorOf(process.versions.node) >= RUNTIME_NODE) return process.execPath;
  const [platform, suffix] = process.platform === 'win32' ? ['win', '.exe'] : [process.platform, ''];
  const path = join(modules, `node-${platform}-${process.arch}`, 'bin', `node${suffix}`);
  return existsSync(path) ? path : undefined;
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Whether every package that the lockfile wants on this platform is there in its version (npm keeps its own list of what is). */
function isInstalled() {
  const wanted = readFileSync(join(root, 'package-lock.json'));
  const stamp = join(modules, '.assay-stamp');
  const hash = createHash('sha256').update(wanted).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true;
  if (!existsSync(join(modules, '.package-lock.json'))) return false;
  const present = readJson(join(modules, '.package-lock.json')).packages;
  for (const [path, { version, optional, link }] of Object.entries(JSON.parse(wanted).packages)) {
    if (path.includes('node_modules/') && !optional && !link && present[path]?.version !== version) return false;
  }
  if (runtimePath() === undefined) return false;
  writeFileSync(stamp, hash);
  return true;
}

/** One installation at a time: `npm ci` starts by deleting what is there. */
async function withInstallLock(work) {
  const lock = join(tmpdir(), `assay-install-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  while (!tryLock(lock)) await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  try {
    work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isHeld(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    // No pid file: its owner is about to write it. No such process: it was killed.
    return error.code === 'EPERM' || error.code === 'ENOENT';
  }
}

function install() {
  if (isInstalled()) return;
  process.stderr.write('assay: installing packages (once, about a minute) ...\n');
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const options = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const [command, ...before] = npm;
  const done = spawnSync(command, [...before, ...options, '--loglevel=error'], {
    cwd: root,
    // Results belong to stdout: what npm says goes to stderr.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) throw notInstalled(done);
  process.stderr.write('assay: packages installed\n');
  isInstalled();
}

function notInstalled(done) {
  return new SetUpError(
    'the packages could not be installed',
    done.error ? `npm: ${done.error.message}` : `npm ci ended with ${done.signal ?? `exit code ${done.status}`}`,
    'npm that reaches a package registry, about 1 GB of free disk',
    'read the lines above; check "npm ping", proxy and registry settings; then run the command again',
  );
}

function requireRuntime() {
  const path = runtimePath();
  if (path !== undefined) return path;
  throw new SetUpError(
    `Assay runs on Node.js ${RUNTIME_NODE}, and there is no packaged one for this platform`,
    `Node.js ${process.versions.node} on ${process.platform}-${process.arch}`,
    `Node.js ${RUNTIME_NODE} or newer on PATH, or Linux x64/arm64, Windows x64 with optional packages installed`,
    `install Node.js ${RUNTIME_NODE} (https://nodejs.org, "brew install node@${RUNTIME_NODE}", nvm, fnm) and run the command again`,
  );
}

/** Stripped types and compiled code are kept, which halves the start of every later command. */
function useCompileCache() {
  process.env.NODE_COMPILE_CACHE ??= join(modules, '.cache', 'assay-compile');
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

/** Runs the entry under another Node.js and ends as it ends. */
function runUnder(runtime) {
  const child = spawn(runtime, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(new SetUpError('Node.js did not start', error.message, runtime, 'run "npm ci --ignore-scripts"')),
  );
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? EXIT_FAILED);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(error) {
  process.stderr.write(`assay: ${error instanceof SetUpError ? error.message : error.stack}\n`);
  process.exit(EXIT_FAILED);
}

try {
  checkNode();
  if (!isInstalled()) await withInstallLock(install);
  const runtime = requireRuntime();
  useCompileCache();
  if (runtime === process.execPath) await import(pathToFileURL(entry).href);
  else runUnder(runtime);
} catch (error) {
  fail(error);
}
