/**
 * The container of API and pages, its steps done by hand in a scratch folder: the files that the Dockerfile copies, the packages that
 * `npm ci --omit=dev` leaves (by the lockfile, from those installed here), the web app of its own stage, and the command of the stack
 * under plain Node. It serves health, pages and refusals, makes no key of its own where one is required, and ends on SIGTERM.
 * Not tested here: that Docker builds it, its base images, libraries of the system.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { ensureWebApp } from '../../src/entrypoints/setup/index.ts';
import { createLog, loadConfig, type OpenDatabase, openDatabase, REPOSITORY_ROOT } from '../../src/platform/index.ts';

const WAIT_MS = 90_000;
let folder = '';
let app = '';
let opened: OpenDatabase;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-image-'));
  app = join(folder, 'app');
  await copySources(app);
  await linkPackages(app);
  await cp(await ensureWebApp(), join(app, 'web/dist'), { recursive: true });
  const config = loadConfig({ ASSAY_HOME: join(folder, 'database'), ASSAY_LOG_LEVEL: 'silent' }, folder);
  opened = await openDatabase(config, { log: createLog(config) });
});
after(async () => {
  await opened?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What git has, without what .dockerignore names. */
async function copySources(target: string): Promise<void> {
  const ignored = (await readFile(join(REPOSITORY_ROOT, '.dockerignore'), 'utf8')).split('\n').filter(Boolean);
  const files = execFileSync('git', ['ls-files'], { cwd: REPOSITORY_ROOT, encoding: 'utf8' }).trim().split('\n');
  for (const file of files) {
    if (ignored.some((name) => file === name || file.startsWith(`${name}/`))) continue;
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(REPOSITORY_ROOT, file), join(target, file)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
}

/** Packages of the lockfile that are not for development, at their places. */
async function linkPackages(target: string): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(REPOSITORY_ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, found] of Object.entries<{ dev?: boolean; link?: boolean }>(packages)) {
    const isNested = path.lastIndexOf('node_modules/') > 0;
    if (!path.startsWith('node_modules/') || isNested || found.dev || found.link) continue;
    const source = join(REPOSITORY_ROOT, path);
    if (!(await readdir(source).catch(() => undefined))) continue;
    await mkdir(dirname(join(target, path)), { recursive: true });
    await symlink(source, join(target, path));
  }
}

/** The command that the stack gives the container. */
async function command(): Promise<string[]> {
  const stack = await readFile(join(REPOSITORY_ROOT, 'infra/src/stacks/server-stack.ts'), 'utf8');
  const [, text = ''] = /entryPoint: \['node', ([^\]]+?), environment\.portfolio\]/.exec(stack) ?? [];
  return [...text.matchAll(/'([^']+)'/g)].map(([, part]) => part ?? '').concat('simulated-bank');
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

test('the container serves health and pages without packages for development, prints no password, and ends when told', async () => {
  const { user = '', password = '', host, port: databasePort, database } = opened.connection;
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NODE_ENV: 'production',
    ASSAY_HOME: join(folder, 'home'),
    ASSAY_SEED_PASSWORD: 'a first password of forty characters ....',
    DATABASE_URL: `postgresql://${user}:${encodeURIComponent(password)}@${host}:${databasePort}/${database}`,
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(process.env['XGBOOST_LIB'] && { XGBOOST_LIB: process.env['XGBOOST_LIB'] }),
  };
  const child = spawn(process.execPath, [...(await command()), '--workers', '1'], { cwd: app, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (let waited = 0; waited < WAIT_MS && child.exitCode === null && !(await isUp()); waited += 250)
    await setTimeout(250);
  try {
    assert.ok(await isUp(), said);
    assert.match(await (await fetch(url)).text(), /<div id="root">/);
    assert.equal((await fetch(`${url}/api/v1/portfolio/overview`)).status, 401);
    assert.doesNotMatch(said, /a first password/);
  } finally {
    child.kill('SIGTERM');
  }
  const [code] = await ended;
  assert.equal(code, 0, said);
});

test('every file that an image takes from an earlier stage is made there', async () => {
  const text = await readFile(join(REPOSITORY_ROOT, 'Dockerfile'), 'utf8');
  const stages = new Map<string, string>();
  for (const stage of text.split(/^FROM /m).slice(1)) stages.set(/ AS (\w+)/.exec(stage)?.[1] ?? '', stage);
  for (const stage of stages.values()) {
    for (const [, from = '', path = ''] of stage.matchAll(/^COPY --from=(\w+) (\S+)/gm)) {
      const maker = stages.get(from);
      assert.ok(maker, `no stage ${from}`);
      const isMade =
        maker.includes(path) || path.startsWith('/app')
          ? maker.includes('WORKDIR /app') || maker.includes(path)
          : false;
      assert.ok(isMade, `${from} does not make ${path}`);
    }
  }
  const runtime = stages.get('runtime') ?? '';
  assert.match(runtime, /COPY --from=web \/app\/web\/dist \/app\/web\/dist/);
  assert.match(runtime, /^USER node$/m);
});
