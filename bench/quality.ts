/**
 * Discrimination on the public sets by the fold rule, beside the best peers: the same code as `assay evaluate`.
 *
 *   node bench/quality.ts [--sets german,gmsc,taiwan,lc,lc-out-of-time] [--estimators scorecard,…] [--json]
 *
 * Reads ASSAY_SHARED_DATA (default ../shared/data), XGBOOST_LIB, ASSAY_NTHREAD. About ten minutes on two cores.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ESTIMATOR_NAMES } from '../src/domain/index.ts';
import { createBoosted, createForest, logistic, scorecard } from '../src/estimators/index.ts';
import { ensureXgboost, loadConfig, openXgboostEngine } from '../src/platform/index.ts';
import {
  type AnyEstimator,
  type ContenderName,
  type EvaluateRequest,
  type Evaluation,
  evaluateFile,
} from '../src/training/index.ts';

type Peers = Readonly<Partial<Record<ContenderName, number>>>;
type PublicSet = {
  readonly file: EvaluateRequest['file'];
  readonly foldName: string;
  readonly repeats: number;
  /** Mean AUC over the same folds: scorecard = optbinning, boosted = the better of XGBoost and LightGBM, the rest by name. */
  readonly peers: Peers;
};

const DATA = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');

/** Known only after the loan was made (payments, recoveries, settlement), or of its funding rather than of the application. */
const LENDING_CLUB_LEFT_OUT = [
  ...[
    'out_prncp',
    'out_prncp_inv',
    'total_pymnt',
    'total_pymnt_inv',
    'total_rec_prncp',
    'total_rec_int',
    'total_rec_late_fee',
  ],
  ...[
    'recoveries',
    'collection_recovery_fee',
    'last_pymnt_d',
    'last_pymnt_amnt',
    'last_credit_pull_d',
    'pymnt_plan',
    'issue_year',
  ],
  ...['hardship_flag', 'debt_settlement_flag', 'debt_settlement_flag_date', 'settlement_status', 'settlement_date'],
  ...['settlement_amount', 'settlement_percentage', 'settlement_term', 'funded_amnt', 'funded_amnt_inv'],
];
const lendingClub: EvaluateRequest['file'] = {
  path: join(DATA, 'lending_club/loans_2007_2011_asof_2017-10.csv.gz'),
  target: 'loan_status',
  positive: ['Charged Off', 'Does not meet the credit policy. Status:Charged Off'],
};

const SETS: Readonly<Record<string, PublicSet>> = {
  german: {
    file: { path: join(DATA, 'german_credit/german.data'), header: false, target: 'c21', positive: ['2'] },
    foldName: 'german',
    repeats: 5,
    peers: { scorecard: 0.7931, logistic: 0.7845, forest: 0.7961, boosted: 0.7839, blend: 0.7952 },
  },
  gmsc: {
    file: { path: join(DATA, 'give_me_some_credit/cs-training.csv.gz'), target: 'SeriousDlqin2yrs', positive: ['1'] },
    foldName: 'gmsc',
    repeats: 1,
    peers: { scorecard: 0.8569, logistic: 0.8406, forest: 0.8654, boosted: 0.8665, blend: 0.8656 },
  },
  taiwan: {
    file: {
      path: join(DATA, 'taiwan_credit_card/default_of_credit_card_clients.csv.gz'),
      target: 'default payment next month',
      positive: ['1'],
    },
    foldName: 'taiwan',
    repeats: 1,
    peers: { scorecard: 0.7687, logistic: 0.7354, forest: 0.7841, boosted: 0.7839, blend: 0.7836 },
  },
  lc: {
    file: { ...lendingClub, drop: [...LENDING_CLUB_LEFT_OUT, 'issue_d'] },
    foldName: 'lc',
    repeats: 1,
    peers: { scorecard: 0.6906, logistic: 0.6924, forest: 0.6968, boosted: 0.7014, blend: 0.7033 },
  },
  'lc-out-of-time': {
    file: { ...lendingClub, drop: LENDING_CLUB_LEFT_OUT, outOfTime: { column: 'issue_d', until: '2010-12' } },
    foldName: 'lc',
    repeats: 1,
    peers: { scorecard: 0.6866, logistic: 0.6872, forest: 0.6914, boosted: 0.694, blend: 0.6967 },
  },
};

const { values } = parseArgs({
  options: { sets: { type: 'string' }, estimators: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const sets = (values.sets ?? Object.keys(SETS).join(',')).split(',');
const names = (values.estimators ?? ESTIMATOR_NAMES.join(',')).split(',');

const config = loadConfig(process.env, process.cwd());
const scratchDirectory = mkdtempSync(join(tmpdir(), 'assay-bench-'));
const engine = await openXgboostEngine({
  libraryPath: await ensureXgboost(config),
  nthread: config.nthread,
  scratchDirectory,
});
const estimators = (
  [scorecard, logistic, createForest(engine), createBoosted(engine)] as readonly AnyEstimator[]
).filter(({ name }) => names.includes(name));

const found: Record<string, unknown> = {};
try {
  for (const name of sets) {
    const set = SETS[name];
    if (!set) throw new Error(`no set "${name}"; there are ${Object.keys(SETS).join(', ')}`);
    if (!existsSync(set.file.path)) {
      console.error(`${name}: skipped, no ${set.file.path}; set ASSAY_SHARED_DATA`);
      continue;
    }
    const evaluation = await evaluateFile({
      ...set,
      estimators,
      seed: 1,
      nthread: config.nthread,
      clock: { now: () => new Date() },
    });
    found[name] = rowsOf(evaluation, set.peers);
    if (!values.json) print(name, evaluation, set.peers);
  }
  if (values.json) console.log(JSON.stringify(found, null, 2));
} finally {
  await engine.close();
  rmSync(scratchDirectory, { recursive: true, force: true });
}

function rowsOf({ results }: Evaluation, peers: Peers) {
  return results.map(({ estimator, meanAuc, sdAuc, metrics, seconds }) => ({
    estimator,
    auc: meanAuc,
    sdAuc,
    peer: peers[estimator] ?? null,
    difference: peers[estimator] === undefined ? null : meanAuc.value - peers[estimator],
    calibrationSlope: metrics.calibrationSlope,
    ece: metrics.ece,
    seconds,
  }));
}

function print(name: string, evaluation: Evaluation, peers: Peers): void {
  const best = Math.max(...Object.values(peers));
  console.log(
    `\n${name}: ${evaluation.set.target.length} rows, ${evaluation.splits.length} splits; best peer ${best.toFixed(4)}`,
  );
  console.log('estimator   AUC     95 %             peer    difference  slope  ECE     time');
  for (const row of rowsOf(evaluation, peers)) {
    const { auc, peer, difference } = row;
    const cells = [
      row.estimator.padEnd(10),
      auc.value.toFixed(4),
      `${auc.lower.toFixed(4)}–${auc.upper.toFixed(4)}`,
      peer?.toFixed(4) ?? '      ',
      (difference === null ? '' : `${difference >= 0 ? '+' : ''}${difference.toFixed(4)}`).padStart(10),
      row.calibrationSlope.value.toFixed(3),
      row.ece.toFixed(4),
      `${row.seconds.toFixed(0)} s`,
    ];
    console.log(cells.join('  '));
  }
}
