/**
 * `assay evaluate` on files that it was not made for, beside scikit-learn's defaults on the same folds: 0.5 % defaults, categories of
 * hundreds of levels, dates in three forms, text and numbers written as text, 200 columns of 1,000 rows. No option is set for any.
 * Run: ASSAY_PYTHON=… node bench/odd-files.ts [--files rare,categories,dates,texts,wide] [--estimators scorecard,…] [--json]
 * Needs scikit-learn and pandas. About five minutes on two quiet cores.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ESTIMATOR_NAMES } from '../src/domain/index.ts';
import { createBoosted, createForest, logistic, scorecard } from '../src/estimators/index.ts';
import { ensureXgboost, loadConfig, openXgboostEngine, REPOSITORY_ROOT } from '../src/platform/index.ts';
import { type AnyEstimator, bestOf, evaluateFile } from '../src/training/index.ts';

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: 'rare,categories,dates,texts,wide' },
    estimators: { type: 'string', default: ESTIMATOR_NAMES.join(',') },
    json: { type: 'boolean', default: false },
  },
});

type Peer = { readonly version: string; readonly aucs: Readonly<Record<string, Readonly<Record<string, number>>>> };

function writeFilesAndAskPeer(folder: string): Peer {
  const python = process.env['ASSAY_PYTHON'] ?? 'python3';
  const script = join(REPOSITORY_ROOT, 'python/reference/odd_files.py');
  // one thread: pools of two libraries on the same cores spin against each other
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${python} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(stdout);
}

const config = loadConfig(process.env, process.cwd());
const folder = await mkdtemp(join(tmpdir(), 'assay-odd-'));
const engine = await openXgboostEngine({
  libraryPath: await ensureXgboost(config),
  nthread: config.nthread,
  scratchDirectory: folder,
});
const all: readonly AnyEstimator[] = [scorecard, logistic, createForest(engine), createBoosted(engine)];
const names = options.estimators.split(',');
const rows = [];
try {
  const peer = writeFilesAndAskPeer(folder);
  for (const name of options.files.split(',')) {
    const evaluation = await evaluateFile({
      file: { path: join(folder, `${name}.csv`), target: 'bad', positive: ['1'] },
      foldName: 'odd',
      estimators: all.filter((estimator) => names.includes(estimator.name)),
      seed: 1,
      nthread: config.nthread,
      clock: { now: () => new Date() },
    });
    const aucs = Object.fromEntries(evaluation.results.map(({ estimator, meanAuc }) => [estimator, meanAuc.value]));
    const best = bestOf(evaluation.results);
    const peers = peer.aucs[name]!;
    rows.push({
      file: name,
      ...aucs,
      slope: best.metrics.calibrationSlope.value,
      ece: best.metrics.ece,
      seconds: evaluation.seconds,
      sklearnBoosting: peers['boosting']!,
      sklearnLogistic: peers['logistic']!,
      difference: best.meanAuc.value - Math.max(...Object.values(peers)),
    });
  }
  const shown = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toFixed(4)) : value]),
    ),
  );
  if (options.json) console.log(JSON.stringify({ scikitLearn: peer.version, rows }, null, 2));
  else console.table(shown);
} finally {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}
