import { MOST_COLUMNS } from '../estimators/index.ts';
import { bestOf, type Evaluation } from './evaluate-file.ts';
import { count, fixed, percent, withInterval } from './report/format.ts';

/** What the terminal shows: file, discrimination, calibration, time, comparison, warnings. */
export function evaluationText(evaluation: Evaluation): string {
  const { set, results, comparisons, seconds } = evaluation;
  const defaults = set.target.reduce((sum, value) => sum + value, 0);
  const features = set.frame.columns;
  const categories = features.filter((column) => column.kind === 'categorical').length;
  const lines = [
    `${set.path}: ${count(set.target.length)} rows, ${count(defaults)} defaults (${percent(defaults / set.target.length, 2)}), ${features.length} features (${categories} categories)`,
    planText(evaluation),
    ...(features.length > MOST_COLUMNS ? [SCREENED] : []),
    '',
    ...aligned([
      [
        'estimator',
        'AUC (95 %)',
        'sd',
        'Gini',
        'pooled AUC (95 %)',
        'KS (95 %)',
        'Brier',
        'log loss',
        'slope',
        'ECE',
        'time s',
      ],
      ...results.map(({ estimator, meanAuc, sdAuc, metrics, seconds: time }) => [
        estimator,
        withInterval(meanAuc, 4),
        fixed(sdAuc, 4),
        fixed(2 * meanAuc.value - 1, 4),
        withInterval(metrics.auc, 4),
        withInterval(metrics.ks, 3),
        fixed(metrics.brier.value, 5),
        fixed(metrics.logLoss, 5),
        fixed(metrics.calibrationSlope.value, 3),
        fixed(metrics.ece, 4),
        fixed(time, 1),
      ]),
    ]),
    '',
    ...comparisons.map(
      ({ a, b, auc }) => `${a} - ${b}: AUC ${withInterval(auc.difference, 4)}, paired DeLong p ${fixed(auc.pValue, 4)}`,
    ),
    `best: ${bestOf(results).estimator}; ${fixed(seconds, 1)} s in all`,
  ];
  return lines.join('\n');
}

const SCREENED = `each fit looks at the ${MOST_COLUMNS} columns that tell most by themselves on its own rows`;

function planText({ plan, splits }: Evaluation): string {
  if (plan.kind === 'out_of_time') {
    return `out of time: trained on ${count(plan.trainRows)} rows with ${plan.column} up to ${plan.until}, tested on ${count(plan.testRows)} later ones`;
  }
  return `${plan.folds} folds by sha256("<name>:<row>"), name${plan.names.length > 1 ? 's' : ''} ${plan.names.join(', ')}: ${splits.length} fits each; AUC is the mean over the folds`;
}

export function warningsText({ set }: Evaluation): string[] {
  const dropped = set.warnings.filter(({ code }) => code === 'known_afterwards' || code === 'target_leak');
  const hint =
    dropped.length > 1 ? [`to leave all of these out: --drop '${dropped.map(({ column }) => column).join(',')}'`] : [];
  return [...set.warnings.map(({ text }) => text), ...hint];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
}
