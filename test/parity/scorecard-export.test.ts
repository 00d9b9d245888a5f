/**
 * A scorecard or logistic regression written as SQL gives in DuckDB and in PostgreSQL what the scorer gives, and a scorecard written as PMML in a stock reader
 * (pypmml, where Python has it): on rows at every bound, special value, level and gap, under each kind of calibration.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Calibration, FeatureRow } from '../../src/domain/index.ts';
import type { Bin, Characteristic, FittedLogistic, FittedScorecard, LogisticTerm } from '../../src/estimators/index.ts';
import {
  createLog,
  loadConfig,
  type OpenDatabase,
  openDatabase,
  openWarehouse,
  type Warehouse,
} from '../../src/platform/index.ts';
import { manifestOf } from '../../src/scoring/fixtures.ts';
import { createScorer, exportModel } from '../../src/scoring/index.ts';

const run = promisify(execFile);
const PYTHON = process.env['ASSAY_PYTHON'] ?? 'python3';

const bin = (rule: Bin['rule'], woe: number, count = 100): Bin => ({ rule, woe, count, defaults: 10 });
const characteristic = (feature: string, coefficient: number, bins: readonly Bin[]): Characteristic => ({
  ...{ feature, coefficient, bins },
  standardError: 0.1,
  iv: 0.2,
});

/** Names that need quoting, a special value inside an interval, a level with a quote, missing with and without a bin. */
const SCORECARD: FittedScorecard = {
  kind: 'scorecard',
  inputs: [
    { kind: 'numeric', name: 'in"come' },
    { kind: 'numeric', name: 'arrears' },
    { kind: 'categorical', name: 'home', levels: ["o'wn", 'rent', '<free & easy>'] },
    { kind: 'categorical', name: 'seen once', levels: ['yes', 'no'] },
  ],
  intercept: -2.123456789012345,
  characteristics: [
    characteristic('in"come', 0.9123456789, [
      bin({ kind: 'interval', lower: null, upper: 0.1 }, 1.1),
      bin({ kind: 'interval', lower: 0.1, upper: 1234.5678901234567 }, 0.3333333333333333),
      bin({ kind: 'interval', lower: 1234.5678901234567, upper: null }, -0.7),
      bin({ kind: 'special', values: [-1, 500] }, 0.05),
      bin({ kind: 'missing' }, 0.2),
    ]),
    characteristic('arrears', 1.3, [
      bin({ kind: 'interval', lower: null, upper: 1e-7 }, -0.4),
      bin({ kind: 'interval', lower: 1e-7, upper: null }, 1.7),
    ]),
    characteristic('home', 0.8, [
      bin({ kind: 'levels', levels: ["o'wn", '<free & easy>'] }, -0.6),
      bin({ kind: 'levels', levels: ['rent', 'gone'] }, 0.9),
      bin({ kind: 'missing' }, 0.123456789),
    ]),
    characteristic('seen once', 0.5, [bin({ kind: 'levels', levels: ['yes'] }, 2.5), bin({ kind: 'missing' }, 0.1)]),
  ],
  convergence: { converged: true, iterations: 1, gradientNorm: 0 },
};

const term = (feature: string, coefficient: number, transform: LogisticTerm['transform']): LogisticTerm => ({
  ...{ feature, coefficient, transform },
  ...{ standardError: 0.1, trainingMean: 0.3 },
});
const standardized = { kind: 'standardized', lower: 0, upper: 1000, mean: 3.1, scale: 1.7, missing: 2.9 } as const;

/** Every kind of term: with and without a logarithm, missing numbers and levels, a level. */
const LOGISTIC: FittedLogistic = {
  kind: 'logistic',
  inputs: SCORECARD.inputs,
  intercept: -1.987654321,
  terms: [
    term('in"come', -0.7123456789, { ...standardized, log1p: true }),
    term('in"come', 0.31, { kind: 'is_missing' }),
    term('arrears', 0.9, { ...standardized, log1p: false }),
    term('home', 0.456, { kind: 'is_level', level: "o'wn" }),
    term('home', -0.21, { kind: 'is_missing' }),
  ],
  convergence: { converged: true, iterations: 1, gradientNorm: 0 },
};

const CALIBRATIONS: readonly Calibration[] = [
  { kind: 'identity' },
  { kind: 'platt', intercept: -0.21, slope: 0.83 },
  { kind: 'isotonic', margins: [-4, -2.5, -2.5, -1, 0, 1.5, 2], pds: [0.01, 0.03, 0.08, 0.2, 0.2, 0.7, 0.95] },
];

const ROWS: readonly FeatureRow[] = [
  null,
  -1,
  0,
  0.1,
  0.09999999999999999,
  499.9,
  500,
  1234.5678901234567,
  1e300,
].flatMap((income) =>
  [null, 0, 1e-7, 9.9e-8, 3].flatMap((arrears) =>
    [null, "o'wn", 'rent', '<free & easy>', 'gone', 'new'].flatMap((home) =>
      [null, 'yes', 'no'].map((seen): FeatureRow => ({ 'in"come': income, arrears, home, 'seen once': seen })),
    ),
  ),
);

type Scored = { readonly margin: number; readonly pd: number; readonly score: number; readonly grade: string };

let home: string;
let opened: OpenDatabase;
let warehouse: Warehouse;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-export-'));
  opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  warehouse = await openWarehouse({ threads: 1 });
  const value = (cell: FeatureRow[string]): string =>
    cell === null
      ? 'NULL'
      : typeof cell === 'number'
        ? `CAST('${cell}' AS FLOAT8)`
        : `'${String(cell).replaceAll("'", "''")}'`;
  const rows = ROWS.map((row, i) => `(${[i, ...Object.values(row).map(value)].join(', ')})`);
  const create = `CREATE TABLE features (row_id INTEGER, "in""come" FLOAT8, arrears FLOAT8, home VARCHAR, "seen once" VARCHAR)`;
  const insert = `INSERT INTO features VALUES ${rows.join(', ')}`;
  for (const statement of [create, insert]) {
    await warehouse.run(statement);
    await opened.database.query(statement);
  }
});
after(async () => {
  await warehouse.close();
  await opened.close();
  await rm(home, { recursive: true, force: true });
});

const near = (actual: number, expected: number, tolerance: number, where: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${where}: ${actual} is not ${expected}`);

for (const calibration of CALIBRATIONS) {
  const manifest = manifestOf(SCORECARD, calibration);
  const scorer = createScorer(manifest, SCORECARD);

  test(`SQL in two engines, ${calibration.kind}`, async () => {
    const sql = `SELECT margin, pd, score, grade FROM (${exportModel(manifest, SCORECARD, 'sql')}) AS scored ORDER BY row_id`;
    const engines = { duckdb: await warehouse.rows<Scored>(sql), postgresql: await opened.database.query<Scored>(sql) };
    for (const [engine, scored] of Object.entries(engines)) {
      assert.equal(scored.length, ROWS.length);
      ROWS.forEach((row, i) => {
        const expected = scorer.score(row);
        const where = `${engine} ${JSON.stringify(row)}`;
        assert.equal(scored[i]!.margin, expected.margin, where);
        if (calibration.kind === 'isotonic') assert.equal(scored[i]!.pd, expected.pd, where);
        near(scored[i]!.pd, expected.pd, 1e-15, where);
        near(scored[i]!.score, expected.score, 1e-9, where);
        assert.equal(scored[i]!.grade, expected.grade, where);
      });
    }
  });
}

test('a logistic regression as SQL in two engines', async () => {
  const manifest = manifestOf(LOGISTIC, CALIBRATIONS[1]!);
  const scorer = createScorer(manifest, LOGISTIC);
  const sql = `SELECT margin, pd, score, grade FROM (${exportModel(manifest, LOGISTIC, 'sql')}) AS scored ORDER BY row_id`;
  const engines = { duckdb: await warehouse.rows<Scored>(sql), postgresql: await opened.database.query<Scored>(sql) };
  for (const [engine, scored] of Object.entries(engines)) {
    ROWS.forEach((row, i) => {
      const expected = scorer.score(row);
      const where = `${engine} ${JSON.stringify(row)}`;
      near(scored[i]!.margin, expected.margin, 1e-12, where);
      near(scored[i]!.pd, expected.pd, 1e-12, where);
      near(scored[i]!.score, expected.score, 1e-9, where);
      assert.equal(scored[i]!.grade, expected.grade, where);
    });
  }
});

const lacks = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => false,
    () => true,
  );
const noReader = (await lacks(PYTHON, ['-c', 'import pypmml']))
  ? `"${PYTHON}" has no pypmml; set ASSAY_PYTHON to one that has`
  : (await lacks('java', ['-version'])) && 'pypmml needs Java, which is not on PATH';
const READER = `
import json, sys
from pypmml import Model
model = Model.load(sys.argv[1])
rows = json.load(open(sys.argv[2]))
print(json.dumps([dict(model.predict(row)) for row in rows], default=str))
`;

test('PMML in a stock reader', {
  skip: noReader,
}, async () => {
  for (const calibration of CALIBRATIONS) {
    const manifest = manifestOf(SCORECARD, calibration);
    const scorer = createScorer(manifest, SCORECARD);
    const [model, rows] = [join(home, `${calibration.kind}.pmml`), join(home, 'rows.json')];
    await writeFile(model, exportModel(manifest, SCORECARD, 'pmml'));
    await writeFile(rows, JSON.stringify(ROWS));
    const { stdout } = await run(PYTHON, ['-c', READER, model, rows], { maxBuffer: 64 * 1024 * 1024 });
    const scored: Scored[] = JSON.parse(stdout.trim().split('\n').at(-1)!);
    ROWS.forEach((row, i) => {
      const expected = scorer.score(row);
      const where = `${calibration.kind} ${JSON.stringify(row)}`;
      near(scored[i]!.margin, expected.margin, 1e-12, where);
      near(scored[i]!.pd, expected.pd, 1e-12, where);
      near(scored[i]!.score, expected.score, 1e-9, where);
    });
  }
});

test('a format that the estimator does not have says which have it', () => {
  assert.throws(
    () => exportModel(manifestOf(SCORECARD), SCORECARD, 'xgboost'),
    /cannot be written as xgboost.*boosted/,
  );
  const { manifest, model } = JSON.parse(exportModel(manifestOf(SCORECARD), SCORECARD, 'json'));
  assert.deepEqual([manifest.estimator, model.intercept], ['scorecard', SCORECARD.intercept]);
});
