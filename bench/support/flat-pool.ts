/** A pool of workers that serve the flat book from a home of its own; two model versions, of which the first is the champion. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedUsers } from '../../src/api/index.ts';
import { DecisionStore } from '../../src/decisions/index.ts';
import { startWorkerPool } from '../../src/entrypoints/server/index.ts';
import { type FittedTrees, packArtifact } from '../../src/estimators/index.ts';
import {
  createLog,
  loadConfig,
  ModelRegistry,
  migrate,
  openDatabase,
  openPersonVault,
  openSigner,
  REPOSITORY_ROOT,
  systemClock,
} from '../../src/platform/index.ts';
import { syntheticBook } from '../../test/parity/xgboost-peer.ts';
import { openBenchModel } from '../scoring-model.ts';
import { flatBook, flatDraft } from './flat-book.ts';

const PASSWORD = 'bench bench bench';
const APPLICATIONS = 500;

export type FlatPool = Awaited<ReturnType<typeof startFlatPool>>;

export async function startFlatPool(workers: number) {
  const home = await mkdtemp(join(tmpdir(), 'assay-bench-serving-'));
  Object.assign(process.env, {
    ASSAY_HOME: home,
    PORT: process.env['PORT'] ?? '0',
    ASSAY_NTHREAD: '1',
    ASSAY_LOG_LEVEL: 'silent',
  });
  const config = loadConfig(process.env, home);
  const log = createLog(config);
  const { database, close } = await openDatabase(config, { log });
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  await seedUsers({ database, clock: systemClock, password: PASSWORD });
  const fitted = await fittedModel();
  const fittedPath = join(home, 'fitted.json');
  await writeFile(fittedPath, JSON.stringify(fitted));
  const portfolio = flatBook(fitted.inputs);
  const registry = new ModelRegistry({ database, directory: join(home, 'models'), clock: systemClock });
  const versions = await registerTwo(registry, home, fitted);
  const names = { database, clock: systemClock, portfolio: portfolio.name };
  const store = new DecisionStore({ ...names, vault: openPersonVault({ ...names, home }) });
  const pool = await startWorkerPool({
    script: join(import.meta.dirname, 'flat-worker.ts'),
    args: [fittedPath],
    count: workers,
    handlers: {},
    onLost: (name) => store.releaseAll(name),
    log,
  });
  const stop = async (): Promise<void> => {
    await pool.close();
    await close();
    await rm(home, { recursive: true, force: true });
  };
  const token = await signIn(pool.url, 'underwriter', PASSWORD);
  return { ...{ home, fittedPath, database, registry, versions, pool, token, stop }, bodies: bodiesOf(fitted) };
}

async function fittedModel(): Promise<FittedTrees> {
  const model = await openBenchModel();
  const { inputs } = model.compiled;
  await model.close();
  return { kind: 'trees', estimator: 'boosted', inputs, modelJson: model.modelJson, rounds: 300 };
}

/** The same trees under two calibrations: two versions that give different pds. */
async function registerTwo(registry: ModelRegistry, home: string, fitted: FittedTrees): Promise<readonly string[]> {
  const portfolio = flatBook(fitted.inputs);
  const signer = openSigner(home);
  const versions: string[] = [];
  for (const slope of [1, 0.9]) {
    const draft = flatDraft(portfolio, fitted, '2026-01-01T00:00:00.000Z');
    const calibration = { kind: 'platt', intercept: 0, slope } as const;
    const { manifest, files } = await packArtifact({ ...draft, calibration }, fitted, (bytes) => signer.sign(bytes));
    await registry.register(manifest, files, 'bench');
    await registry.approve(manifest.modelVersion, 'validator', 'for the bench');
    versions.push(manifest.modelVersion);
  }
  await registry.promote(versions[0]!, 'manager', 'for the bench');
  return versions;
}

function bodiesOf({ inputs }: FittedTrees): string[] {
  const { values } = syntheticBook(APPLICATIONS, 81);
  return Array.from({ length: APPLICATIONS }, (_, row) => {
    const attributes = inputs.map(({ name, kind }, c) => {
      const value = values[row * inputs.length + c]!;
      if (Number.isNaN(value)) return [name, null];
      return [name, kind === 'categorical' ? String(value) : Number(value.toPrecision(7))];
    });
    return JSON.stringify({ borrowerId: `B${row}`, attributes: Object.fromEntries(attributes) });
  });
}

export async function signIn(url: string, username: string, password: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  return ((await answer.json()) as { token: string }).token;
}
