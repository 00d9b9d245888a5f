/**
 * Walks through the files that Assay keeps outside the database, each left by a write that did not reach the disk whole: what
 * reads it next finds the last acknowledged state, or refuses and names the file; it never goes on with less. And the settings
 * the database promises the same by. The whole data directory of a trained book is torn by bench/torn.ts.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Trial, tear } from '../../bench/torn/damages.ts';
import { DECISIONS_REGISTER } from '../../src/decisions/index.ts';
import { registryModels } from '../../src/entrypoints/server/index.ts';
import { landRaw, processRaw, rawFileLines, writeRawFile } from '../../src/ingestion/index.ts';
import {
  auditFiles,
  createLog,
  fixedClock,
  type Lake,
  lakeJson,
  loadConfig,
  makeCheckpoint,
  openDatabase,
  openLocalLake,
  openPersonVault,
  openSealedZone,
  openSigner,
  openWarehouse,
  verifyAudit,
} from '../../src/platform/index.ts';
import { seededRandom } from '../parity/streamed-book.ts';
import { fillDecisions } from './support/audit-records.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

const random = seededRandom(11);
const clock = fixedClock('2026-01-01T00:00:00Z');
let server: TinyServer;
let folder = '';

before(async () => {
  server = await startTinyServer({ databasePort: 0 });
  folder = await mkdtemp(join(tmpdir(), 'assay-torn-'));
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Every way of tearing each file was survived, or refused by name. */
async function survives(paths: readonly string[], read: () => Promise<unknown>, names?: readonly string[]) {
  const trials: Trial[] = [];
  for (const path of paths) trials.push(...(await tear(path, read, { random, ...(names && { names }) })));
  assert.deepEqual(
    trials.filter(({ verdict }) => verdict !== 'recovered' && verdict !== 'refused'),
    [],
  );
  return trials;
}

const keyFiles = async (pattern: RegExp): Promise<string[]> =>
  (await readdir(join(server.home, 'keys')))
    .filter((name) => pattern.test(name))
    .map((name) => join(server.home, 'keys', name));

test('keys: a signing key, the key of persons and that of the sealed zone', async () => {
  const content = Buffer.from('signed');
  const signed = await openSigner(server.home).sign(content);
  const signing = await keyFiles(/^signing/);
  await survives(signing, async () =>
    openSigner(server.home).verify(content, await openSigner(server.home).sign(content)),
  );
  await survives(signing, async () => openSigner(server.home).verify(content, signed));
  const { home, database } = server;
  await survives(await keyFiles(/^master/), async () => {
    openPersonVault({ home, database, clock, portfolio: tinyPortfolio.name });
  });
  const zone = openSealedZone({ lake: server.lake, home });
  await zone.put('trait', Buffer.from('a trait'));
  const sealed = server.lake.path('sealed/trait');
  const trials = await survives([...(await keyFiles(/^protected/)), sealed], async () =>
    Buffer.from(await zone.get('trait')).toString(),
  );
  assert.ok(trials.some(({ verdict }) => verdict === 'refused'));
});

test('where the database lies and how to sign in to it', async () => {
  const files = [join(server.home, 'postgres.json'), ...(await keyFiles(/^postgres/))];
  const config = loadConfig({ ASSAY_HOME: server.home }, '/');
  await survives(files, async () => {
    const { database, close } = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) });
    const rows = await database.query('SELECT count(*)::int AS n FROM model_versions');
    await close();
    return rows;
  });
});

test('every file of a model version', async () => {
  const { registry, champion } = server.models;
  const { modelVersion } = (await champion()).manifest;
  const directory = join(server.home, 'models', modelVersion);
  const files = (await readdir(directory)).map((name) => join(directory, name));
  const open = async () => {
    const models = registryModels({
      ...{ registry, signer: openSigner(server.home), clock, portfolio: tinyPortfolio.name },
      catalogHash: (await champion()).manifest.catalogHash,
    });
    const { scorer, manifest } = await models.champion();
    return [manifest, scorer.attributions({ income: 100, past_arrears: 1 }), await models.document(modelVersion)];
  };
  const trials = await survives(files, open);
  assert.equal(trials.filter(({ verdict }) => verdict === 'recovered').length, 0);
});

test('checkpoints and the leaves beside them', async (t) => {
  const { home, database } = server;
  const portfolio = 'torn';
  const signer = openSigner(home);
  const audit = { database, home, portfolio, registers: [DECISIONS_REGISTER], signer, clock, newId: () => 'log' };
  await fillDecisions(database, { portfolio, records: 300, features: 2 });
  await makeCheckpoint(audit);
  const files = auditFiles(home, portfolio);
  const { connection, close } = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), {
    log: createLog({ logLevel: 'silent' }),
  });
  t.after(close);
  const whole = await readFile(files.checkpoints);
  const verify = async () => {
    const report = await verifyAudit({ ...audit, connection, verify: (b, s) => signer.verify(b, s), threads: 1 });
    if (report.ok) return report.registers;
    throw new Error(report.findings.map(({ where, what }) => `${where}: ${what}`).join('\n'));
  };
  await survives([files.checkpoints, files.leaves('decisions')], verify, ['checkpoints.jsonl', 'decisions.leaves']);
  // the writer goes on from what is left, or refuses; it never signs over a gap
  const write = async () => {
    await makeCheckpoint(audit);
    await verify();
    await writeFile(files.checkpoints, whole);
  };
  await survives([files.checkpoints, files.leaves('decisions')], write, ['checkpoints.jsonl', 'decisions.leaves']);
});

test('the raw zone: what was landed, what the stream left, and the list of both', async () => {
  const warehouse = await openWarehouse({ threads: 1 });
  const [table] = tinyPortfolio.sources[0]!.targets.map((target) => target.table);
  const portfolio = {
    ...tinyPortfolio,
    sources: [
      {
        ...tinyPortfolio.sources[0]!,
        targets: [
          {
            table: table!,
            map: (row: Readonly<Record<string, string | undefined>>) => ({
              application_id: row['id'] ?? null,
              borrower_id: 'B',
              applied_at: '2025-01-01',
              amount_minor: 5,
              income_minor: 5,
              arrears: null,
              purpose: null,
            }),
          },
        ],
      },
    ],
  };
  await mkdir(join(folder, 'data'));
  const lines = Array.from({ length: 2_000 }, (_, i) => `A${i}`);
  await writeFile(join(folder, 'data/book.csv'), `id\n${lines.join('\n')}\n`);
  const lake: Lake = openLocalLake(join(folder, 'lake'));
  const landed = await landRaw({ portfolio, dataDirectory: join(folder, 'data'), lake });
  const written = async () => (await processRaw({ portfolio, lake, warehouse, clock })).tables;
  const file = lake.path(landed[0]!.key);
  const trials = await survives([file, lake.path('raw/_landed.json')], written);
  assert.ok(trials.some(({ damage, verdict }) => damage === 'the first half' && verdict === 'refused'));

  // landing again mends it from the source
  const mended = async () => {
    await landRaw({ portfolio, dataDirectory: join(folder, 'data'), lake });
    return written();
  };
  assert.ok((await survives([file], mended)).every(({ verdict }) => verdict === 'recovered'));

  const key = 'raw/stream/tiny/shard-0/1-9.jsonl.zst';
  await writeRawFile(
    lake,
    key,
    lines.map((line) => ({ data: Buffer.from(line) })),
  );
  await survives([lake.path(key)], async () => rawFileLines(await lake.get(key), key));
  await lake.put('modeled/x.json', JSON.stringify({ rows: 12 }));
  await survives([lake.path('modeled/x.json')], () => lakeJson(lake, 'modeled/x.json'));
  await warehouse.close();
});

test('tables of the lake', async () => {
  const lake = openLocalLake(join(folder, 'tables'));
  await lake.put('t/part-0.parquet', '');
  const path = lake.path('t/part-0.parquet');
  const writer = await openWarehouse({ threads: 1 });
  await writer.run(
    `COPY (SELECT i, hash(i) AS h FROM range(20000) r(i)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  await writer.close();
  const trials = await survives([path], async () => {
    const warehouse = await openWarehouse({ threads: 1 });
    try {
      return await warehouse.rows(
        `SELECT count(*)::INT AS n, (sum(h) % 1000003)::INT AS s FROM read_parquet('${path}')`,
      );
    } finally {
      await warehouse.close();
    }
  });
  assert.ok(trials.every(({ verdict }) => verdict === 'refused'));
});

test('the database keeps what it acknowledged through a power cut, and finds a flipped bit', async () => {
  const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'zero_damaged_pages'];
  const rows = await server.database.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY($1) ORDER BY name',
    [names],
  );
  assert.deepEqual(Object.fromEntries(rows.map(({ name, setting }) => [name, setting])), {
    ...{ data_checksums: 'on', fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' },
    zero_damaged_pages: 'off',
  });
});
