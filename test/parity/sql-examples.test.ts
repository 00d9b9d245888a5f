/**
 * The SQL examples are true: each runs on the marts of a small simulated bank through the views of examples/sql, gives rows, and uses
 * nothing that Redshift reads otherwise (as far as sqlglot knows, where ASSAY_MINISTACK_PYTHON has it). Not tested here: the marts
 * themselves (src/portfolio), Redshift.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { logistic } from '../../src/estimators/index.ts';
import { buildFeatures, readFeatureFrame, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  fixedClock,
  type Lake,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
  type Warehouse,
} from '../../src/platform/index.ts';
import { buildMarts } from '../../src/portfolio/index.ts';
import { manifestOf } from '../../src/scoring/fixtures.ts';
import { createScorer, scoreBook } from '../../src/scoring/index.ts';

const FOLDER = join(REPOSITORY_ROOT, 'examples/sql');
const VIEWS = 'views-duckdb.sql';
const examples = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql') && name !== VIEWS);
const textOf = (name: string): Promise<string> => readFile(join(FOLDER, name), 'utf8');

let home: string;
let warehouse: Warehouse;
let lake: Lake;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-sql-'));
  warehouse = await openWarehouse({ threads: 1 });
  lake = openLocalLake(join(home, 'lake'));
  const portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 2, borrowers: 400 });
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const { frame } = await readFeatureFrame({ warehouse, lake });
  const target = Uint8Array.from({ length: frame.rowCount }, (_, i) => ((i * 7919) % 11 < 3 ? 1 : 0));
  const fitted = await logistic.fit({ frame, target }, { context: { seed: 1, nthread: 1 } });
  const scorer = createScorer(manifestOf(fitted), fitted);
  const termsOf = ({ score }: { score: { pd: number } }) => ({
    outcome: score.pd > 0.4 ? 'declined' : 'approved',
    annualRatePercent: null,
  });
  await scoreBook({ warehouse, lake, scorer, estimator: 'logistic', termsOf });
  await buildMarts({ warehouse, lake, portfolio, clock });
  await warehouse.run(`SET VARIABLE marts = '${lake.path('modeled/marts')}'`);
  const views = (await textOf(VIEWS)).split(';\n').filter((statement) => statement.trim() !== '');
  for (const statement of views) await warehouse.run(statement);
});
after(async () => {
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

for (const name of examples) {
  test(`${name} runs on the marts`, async () => {
    const rows = await warehouse.rows(await textOf(name));
    assert.ok(rows.length > 0, 'no rows');
  });
}

test('the README tells of every example', async () => {
  const readme = await textOf('README.md');
  for (const name of examples) assert.ok(readme.includes(`\`${name}\``), name);
});

test('the rates are those of plain counting', async () => {
  const rows = await warehouse.rows<{ grade: string; default_rate: number | null }>(
    await textOf('default-rate-by-grade.sql'),
  );
  const counted = await warehouse.rows<{ grade: string; rate: number | null }>(
    'SELECT grade, AVG(defaulted) AS rate FROM marts.applicants GROUP BY grade',
  );
  const rateOf = new Map(counted.map(({ grade, rate }) => [grade, rate]));
  for (const row of rows)
    assert.ok(Math.abs((row.default_rate ?? 0) - (rateOf.get(row.grade) ?? 0)) < 1e-12, row.grade);
});

const python = process.env['ASSAY_MINISTACK_PYTHON'] ?? 'python3';
const hasSqlglot = spawnSync(python, ['-c', 'import sqlglot']).status === 0;
const LINT = `
import sys, sqlglot
for path in sys.argv[1:]:
    sql = open(path).read()
    for tree in sqlglot.parse(sql, read="redshift", error_level=sqlglot.ErrorLevel.RAISE):
        assert tree is None or tree.sql("redshift") , path
`;

test('sqlglot reads each as Redshift', { skip: !hasSqlglot && `${python} has no sqlglot` }, () => {
  const done = spawnSync(python, ['-c', LINT, ...examples.map((name) => join(FOLDER, name))], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
});
