/** A pool of workers that serve a copy of a trained book: features from its online store, its own model, policy and fraud checks. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seedUsers } from '../../src/api/index.ts';
import { applicationFields, DecisionStore } from '../../src/decisions/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { startWorkerPool } from '../../src/entrypoints/server/index.ts';
import { openSystem } from '../../src/entrypoints/system.ts';
import {
  type Database,
  type Lake,
  loadConfig,
  openPersonVault,
  REPOSITORY_ROOT,
  systemClock,
  type Warehouse,
} from '../../src/platform/index.ts';
import { signIn } from './flat-pool.ts';

const USER = 'underwriter';

export async function startHomePool(source: string, portfolioName: string, workers: number) {
  const home = await mkdtemp(join(tmpdir(), 'assay-bench-home-'));
  // with owners and modes, which PostgreSQL insists on
  await promisify(execFile)('cp', ['-a', `${source}/.`, home]);
  Object.assign(process.env, {
    ASSAY_HOME: home,
    PORT: process.env['PORT'] ?? '0',
    ASSAY_NTHREAD: '1',
    ASSAY_LOG_LEVEL: 'silent',
  });
  const config = loadConfig(process.env, home);
  const system = await openSystem({ config, portfolio: portfolioName, clock: systemClock });
  const { database, portfolio, warehouse, lake, log } = system;
  await system.online.resume();
  const password = await passwordOf(home, database);
  const bodies = await applicationsOf({ portfolio, warehouse, lake });
  const names = { database, clock: systemClock, portfolio: portfolio.name };
  const store = new DecisionStore({ ...names, vault: openPersonVault({ ...names, home }) });
  const pool = await startWorkerPool({
    script: join(REPOSITORY_ROOT, 'src/entrypoints/worker.ts'),
    args: [portfolio.name, ''],
    count: workers,
    handlers: {},
    onLost: (name) => store.releaseAll(name),
    log,
  });
  const stop = async (): Promise<void> => {
    await pool.close();
    await system.close();
    await rm(home, { recursive: true, force: true });
  };
  return { database, pool, bodies, stop, token: await signIn(pool.url, USER, password) };
}

/** Of a book that was never served the users are added now; one that was keeps their first passwords in a file. */
async function passwordOf(home: string, database: Database): Promise<string> {
  const added = await seedUsers({ database, clock: systemClock, password: undefined });
  const known: typeof added =
    added.length > 0 ? added : JSON.parse(await readFile(join(home, 'keys/credentials.json'), 'utf8'));
  const found = known.find(({ username }) => username === USER);
  if (!found) throw new Error(`the password of ${USER} is not in keys/credentials.json`);
  return found.password;
}

type Book = { readonly portfolio: Portfolio; readonly warehouse: Warehouse; readonly lake: Lake };

/** Every application of the book as a client would send it, in an order that has nothing to do with its time. */
async function applicationsOf({ portfolio, warehouse, lake }: Book): Promise<string[]> {
  const fields = applicationFields(portfolio);
  const columns = fields.map(({ column: { name, type } }) =>
    type === 'date' || type === 'timestamp' ? `CAST("${name}" AS VARCHAR) AS "${name}"` : `"${name}"`,
  );
  const files = `${lake.path('processed/loan_applications')}/*/*.parquet`;
  const rows = await warehouse.rows<Record<string, string | number | boolean | null>>(
    `SELECT borrower_id, ${columns.join(', ')} FROM read_parquet('${files}') ORDER BY md5(application_id)`,
  );
  return rows.map((row) => {
    const given = (place: 'application' | 'attributes') =>
      Object.fromEntries(
        fields
          .filter((field) => field.in === place && row[field.column.name] !== null)
          .map((field) => [field.name, row[field.column.name]]),
      );
    const borrowerId = row['borrower_id'];
    return JSON.stringify({ borrowerId, ...given('application'), attributes: given('attributes') });
  });
}
