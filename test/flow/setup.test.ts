// Walks through the set-up: the door (bin/assay.js) on a small repository of its own, with real npm and no network: packages installed
// once, again when the lockfile changes, one installation at a time; exit codes and signals passed through; an older Node.js handing
// over to the packaged one. Then the web app's "build when its sources changed" and `assay doctor`.
// It does not test the download of libxgboost (it needs a package index) nor the build of the real web app.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { AssayError } from '../../src/domain/index.ts';
import { ensureWebApp, findWebApp } from '../../src/entrypoints/setup/index.ts';
import { REPOSITORY_ROOT } from '../../src/platform/index.ts';

const DOOR = join('bin', 'assay.js');
/** Says what it runs on, then ends as told; waits for a signal when told "wait". */
const PROGRAM = `import { dependency } from 'dependency';
if (process.argv[2] === 'wait') {
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => process.exit(7));
} else process.exitCode = Number(process.argv[2] ?? 0);
console.log(JSON.stringify({ node: process.versions.node, dependency, args: process.argv.slice(2) }));
`;

async function newRepository(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'assay-setup-'));
  for (const folder of ['bin', 'dependency', join('src', 'entrypoints')])
    await mkdir(join(root, folder), { recursive: true });
  await cp(join(REPOSITORY_ROOT, DOOR), join(root, DOOR));
  await writeFile(join(root, 'src', 'entrypoints', 'cli.ts'), PROGRAM);
  await writeFile(join(root, '.npmrc'), 'offline=true\nfund=false\naudit=false\nupdate-notifier=false\n');
  await writeVersion(root, '1.0.0');
  return root;
}

/** A package that depends on a folder beside it needs no network. */
async function writeVersion(root: string, version: string): Promise<void> {
  const [name, dependencies] = ['small', { dependency: 'file:dependency' }];
  const packages = {
    '': { name, version, dependencies },
    dependency: { version },
    'node_modules/dependency': { resolved: 'dependency', link: true },
  };
  await writeJson(join(root, 'package.json'), { name, version, type: 'module', dependencies });
  await writeJson(join(root, 'package-lock.json'), { name, version, lockfileVersion: 3, requires: true, packages });
  await writeJson(join(root, 'dependency', 'package.json'), {
    name: 'dependency',
    version,
    type: 'module',
    exports: './index.js',
  });
  await writeFile(join(root, 'dependency', 'index.js'), `export const dependency = '${version}';\n`);
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value, null, 2));
}

function run(
  root: string,
  args: readonly string[],
  node = process.execPath,
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, [join(root, DOOR), ...args], {
    encoding: 'utf8',
    cwd: root,
    env: cleanEnvironment(),
  });
  return { status, stdout, stderr };
}

/** What npm passed on to this test would steer the npm under test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && !name.startsWith('NODE_'));
  return Object.fromEntries(entries);
}

/** A Node.js on PATH that is older than the one Assay runs on. */
function olderNode(): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  return candidates.find(
    (path) => existsSync(path) && /^v2[0-3]\./.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout),
  );
}

test('packages are installed once, and again when the lockfile asks for others', async () => {
  const root = await newRepository();
  const first = run(root, ['0', '--json']);
  assert.match(first.stderr, /installing packages/);
  assert.deepEqual(JSON.parse(first.stdout), {
    node: process.versions.node,
    dependency: '1.0.0',
    args: ['0', '--json'],
  });
  const second = run(root, []);
  assert.equal(second.stderr, '');
  await writeVersion(root, '2.0.0');
  await rm(join(root, 'node_modules'), { recursive: true });
  const third = run(root, []);
  assert.match(third.stderr, /installing packages/);
  assert.equal(JSON.parse(third.stdout).dependency, '2.0.0');
});

test('two at once install one after the other', async () => {
  const root = await newRepository();
  const start = (): ChildProcess =>
    spawn(process.execPath, [join(root, DOOR), '0'], { cwd: root, env: cleanEnvironment(), stdio: 'ignore' });
  const exits = await Promise.all([start(), start()].map((child) => once(child, 'exit')));
  assert.deepEqual(
    exits.map(([code]) => code),
    [0, 0],
  );
});

test('an installation that fails says what to do', async () => {
  const root = await newRepository();
  await writeFile(
    join(root, 'package-lock.json'),
    '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/absent": {"version": "1.0.0"}}}',
  );
  const { status, stderr } = run(root, []);
  assert.equal(status, 1);
  for (const part of [/could not be installed/, /given: npm ci ended/, /allowed: /, /fix: /])
    assert.match(stderr, part);
});

test("the exit code is the program's", async () => {
  const root = await newRepository();
  assert.equal(run(root, ['3']).status, 3);
});

const older = olderNode();
const packaged = join('node_modules', `node-${process.platform}-${process.arch}`);
const skipHandOver =
  older === undefined
    ? 'no Node.js 20 to 23 on PATH'
    : !existsSync(join(REPOSITORY_ROOT, packaged)) && 'no packaged Node.js';

test('an older Node.js hands over to the packaged one, with signals and exit codes', {
  skip: skipHandOver,
}, async () => {
  const root = await newRepository();
  run(root, []);
  await symlink(join(REPOSITORY_ROOT, packaged), join(root, packaged));
  const { status, stdout } = run(root, ['5'], older);
  assert.equal(status, 5);
  assert.match(JSON.parse(stdout).node, /^2[4-9]\./);
  const child = spawn(older ?? '', [join(root, DOOR), 'wait'], {
    cwd: root,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout ?? child, 'data');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [7, null]);
});

test('without a packaged runtime an older Node.js says how to get one', { skip: skipHandOver }, async () => {
  const root = await newRepository();
  run(root, []);
  const { status, stderr } = run(root, [], older);
  assert.equal(status, 1);
  assert.match(stderr, /Node\.js 24.*given: .*allowed: .*fix: install/);
});

async function newWebApp(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'assay-web-'));
  await mkdir(join(root, 'web', 'src'), { recursive: true });
  await symlink(join(REPOSITORY_ROOT, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'web', 'index.html'), '<!doctype html><script type="module" src="/src/main.ts"></script>');
  await writeFile(join(root, 'web', 'src', 'main.ts'), "document.title = 'one';\n");
  return root;
}

test('the web app is built when its sources changed, and only then', async () => {
  const root = await newWebApp();
  assert.equal(await findWebApp(root), 'absent');
  const dist = await ensureWebApp({ root });
  assert.equal(await findWebApp(root), 'current');
  const built = await stat(join(dist, 'index.html'));
  await Promise.all([ensureWebApp({ root }), ensureWebApp({ root })]);
  assert.equal((await stat(join(dist, 'index.html'))).mtimeMs, built.mtimeMs);
  await writeFile(join(root, 'web', 'src', 'main.ts'), "document.title = 'two';\n");
  assert.equal(await findWebApp(root), 'outdated');
  await ensureWebApp({ root });
  assert.equal(await findWebApp(root), 'current');
});

test('a build that fails leaves the old app and names the file', async () => {
  const root = await newWebApp();
  const dist = await ensureWebApp({ root });
  const old = await readFile(join(dist, 'index.html'), 'utf8');
  await writeFile(join(root, 'web', 'src', 'main.ts'), "import './absent.ts';\n");
  await assert.rejects(
    ensureWebApp({ root }),
    (error) => error instanceof AssayError && /absent\.ts/.test(error.message),
  );
  assert.equal(await readFile(join(dist, 'index.html'), 'utf8'), old);
});

test('doctor shows what it used, in JSON and by its exit code', async () => {
  const home = await mkdtemp(join(tmpdir(), 'assay-doctor-'));
  const doctor = (extra: Record<string, string>): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, [join(REPOSITORY_ROOT, DOOR), 'doctor', '--json'], {
      encoding: 'utf8',
      env: { ...cleanEnvironment(), ASSAY_HOME: home, ...extra },
    });
  const { stdout } = doctor({});
  const findings = new Map<string, { status: string; detail: string }>();
  for (const { name, ...finding } of JSON.parse(stdout).findings) findings.set(name, finding);
  assert.deepEqual(findings.get('Node.js')?.status, 'ok');
  assert.match(findings.get('DuckDB')?.detail ?? '', /^v\d/);
  assert.equal(findings.get('PostgreSQL')?.detail, 'embedded, not created yet');
  const broken = doctor({ XGBOOST_LIB: join(home, 'absent.so') });
  assert.equal(broken.status, 1);
  assert.match(broken.stdout, /XGBOOST_LIB does not name a file/);
  assert.equal(existsSync(join(home, 'postgres')), false);
});
