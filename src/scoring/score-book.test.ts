import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AssayError } from '../domain/index.ts';
import { logistic } from '../estimators/index.ts';
import { type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';
import { manifestOf, plantedBook } from './fixtures.ts';
import { FEATURES_KEY, SCORES_KEY, type ScoreBookOptions, scoreBook } from './score-book.ts';
import { createScorer } from './scorer.ts';

const fitted = await logistic.fit(plantedBook(1500, 1), { context: { seed: 1, nthread: 1 } });
const scorer = createScorer(manifestOf(fitted), fitted);
/** More than one chunk, with a gap in source_row where a reject was. */
const ROWS = 45_000;

describe('scoreBook', () => {
  let root = '';
  let lake: Lake;
  let warehouse: Warehouse;
  let options: ScoreBookOptions;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'assay-book-'));
    lake = openLocalLake(root);
    warehouse = await openWarehouse({ threads: 1 });
    await lake.put('modeled/features/.keep', '');
    await warehouse.run(
      `COPY (SELECT 'a' || i AS application_id, 'b' || (i % 100) AS borrower_id, TIMESTAMP '2020-01-01' + to_days((i % 900)::INT) AS as_of,
         i + CASE WHEN i > 100 THEN 30000 ELSE 0 END AS source_row, (i % 41) / 10.0::DOUBLE AS arrears,
         CASE WHEN i % 7 = 0 THEN NULL ELSE 1000.0 + i % 4000 END::DOUBLE AS income,
         CASE i % 4 WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'atlantis' ELSE NULL END AS region
       FROM range(${ROWS}) AS r(i) ORDER BY i) TO '${lake.path(FEATURES_KEY)}' (FORMAT parquet)`,
    );
    options = {
      warehouse,
      lake,
      scorer,
      estimator: 'logistic',
      termsOf: ({ score, features }) => ({
        outcome: score.pd > 0.3 || features['income'] === null ? 'declined' : 'approved',
        annualRatePercent: score.grade === 'A1' ? null : 100 * score.pd,
      }),
    };
  });
  after(async () => {
    await warehouse?.close();
    await rm(root, { recursive: true, force: true });
  });

  it('scores every application, in order, as the scorer scores it', async () => {
    const progress: number[] = [];
    assert.deepEqual(await scoreBook({ ...options, onProgress: (done) => progress.push(done) }), { rows: ROWS });
    assert.equal(progress.at(-1), ROWS);
    const source = `read_parquet('${lake.path(SCORES_KEY)}')`;
    const [shape] = await warehouse.rows<{ n: number; ids: number }>(
      `SELECT count(*) AS n, count(DISTINCT application_id) AS ids FROM ${source}`,
    );
    assert.deepEqual(shape, { n: ROWS, ids: ROWS });
    const rows = await warehouse.rows(`SELECT * FROM ${source} LIMIT 300`);
    assert.deepEqual(Object.keys(rows[0] ?? {}), COLUMNS);
    rows.forEach((row, i) => {
      const income = i % 7 === 0 ? null : 1000 + i;
      const expected = scorer.score({
        arrears: (i % 41) / 10,
        income,
        region: ['north', 'south', null, null][i % 4] ?? null,
      });
      assert.equal(row['application_id'], `a${i}`);
      assert.deepEqual(
        [row['margin'], row['pd'], row['score'], row['grade']],
        [expected.margin, expected.pd, expected.score, expected.grade],
      );
      assert.deepEqual(
        [row['reason_1'], row['reason_2']],
        [expected.reasons[0]?.code ?? null, expected.reasons[1]?.code ?? null],
      );
      assert.equal(row['annual_rate_percent'], expected.grade === 'A1' ? null : 100 * expected.pd);
      assert.equal(row['outcome'], expected.pd > 0.3 || income === null ? 'declined' : 'approved');
    });
  });

  it('leaves the last scores in place when cancelled', async () => {
    const before = await lake.get(SCORES_KEY);
    const scoring = scoreBook({ ...options, signal: AbortSignal.abort() });
    await assert.rejects(scoring, (error) => error instanceof AssayError && error.code === 'cancelled');
    assert.deepEqual(await lake.get(SCORES_KEY), before);
  });

  it('says when there are no features', async () => {
    const empty = openLocalLake(join(root, 'empty'));
    await assert.rejects(
      scoreBook({ ...options, lake: empty }),
      (error) => error instanceof AssayError && error.code === 'not_found',
    );
  });
});

const COLUMNS = [
  'application_id',
  'borrower_id',
  'applied_at',
  'model_version',
  'estimator',
  'margin',
  'pd',
  'score',
  'grade',
  'reason_1',
  'reason_2',
  'reason_3',
  'reason_4',
  'outcome',
  'annual_rate_percent',
];
