import { type Html, html } from '../../domain/index.ts';
import { bestOf, type Evaluation } from '../evaluate-file.ts';
import { warningsText } from '../evaluation-text.ts';
import { gainsTable, hosmerLemeshow } from '../measures/index.ts';
import { barChart, intervalChart } from './charts.ts';
import { count, fixed, percent, withInterval } from './format.ts';
import { page, type Section, table } from './page.ts';
import { calibrationChart, charts, distributionChart, gainsChart, type Named, rocChart } from './prediction-charts.ts';

const MAX_BARS = 15;

/** The evaluation as one HTML file: figures, charts, columns, warnings and how to repeat it. */
export function evaluationReport(evaluation: Evaluation, { createdAt }: { createdAt: string }): string {
  const { set, results, plan } = evaluation;
  const best = bestOf(results);
  const defaults = set.target.reduce((sum, value) => sum + value, 0);
  const predictions = results.map((result) => predictionsOf(evaluation, result.estimator, result.pd));
  const bestPredictions = predictions[results.indexOf(best)]!;
  const sections: Section[] = [
    { id: 'discrimination', title: 'Discrimination', body: discrimination(evaluation, predictions) },
    { id: 'calibration', title: 'Calibration', body: calibration(evaluation, bestPredictions) },
    { id: 'gains', title: `Gains of the best estimator (${best.estimator})`, body: gains(bestPredictions) },
    { id: 'features', title: 'Features', body: features(evaluation) },
    ...(set.warnings.length > 0 ? [{ id: 'warnings', title: 'Warnings', body: warnings(evaluation) }] : []),
    { id: 'data', title: 'Data', body: data(evaluation) },
    { id: 'method', title: 'Method', body: method(evaluation) },
  ];
  return page({
    title: `Evaluation of ${set.name}`,
    subtitle:
      plan.kind === 'folds' ? `${plan.folds}-fold cross-validation` : `Out-of-time test, trained up to ${plan.until}`,
    tiles: [
      { label: 'rows', value: count(set.target.length) },
      { label: 'defaults', value: `${count(defaults)} (${percent(defaults / set.target.length, 1)})` },
      { label: 'features', value: String(set.frame.columns.length) },
      { label: `best mean AUC: ${best.estimator}`, value: fixed(best.meanAuc.value, 4) },
      { label: 'Gini', value: fixed(2 * best.meanAuc.value - 1, 4) },
      { label: 'KS', value: fixed(best.metrics.ks.value, 3) },
    ],
    sections,
    footer: `Assay evaluation of ${createdAt}. Intervals are 95 %.`,
  });
}

function predictionsOf({ set }: Evaluation, name: string, pd: Float64Array): Named {
  const rows = [...pd.keys()].filter((row) => !Number.isNaN(pd[row]));
  return { name, scores: rows.map((row) => pd[row]!), target: rows.map((row) => set.target[row]!) };
}

function discrimination({ results, comparisons }: Evaluation, predictions: readonly Named[]): Html {
  const best = results.indexOf(bestOf(results));
  const rows = results.map(({ estimator, meanAuc, sdAuc, metrics, seconds }) => [
    estimator,
    withInterval(meanAuc, 4),
    fixed(sdAuc, 4),
    fixed(2 * meanAuc.value - 1, 4),
    withInterval(metrics.auc, 4),
    withInterval(metrics.ks, 3),
    `${fixed(seconds, 1)} s`,
  ]);
  const head = ['estimator', 'AUC, mean of splits', 'sd', 'Gini', 'AUC, pooled', 'KS', 'time'];
  const pairs = comparisons.map(({ a, b, auc }) => [
    `${a} − ${b}`,
    withInterval(auc.difference, 4),
    fixed(auc.z, 2),
    fixed(auc.pValue, 4),
  ]);
  const items = results.map(({ estimator, meanAuc }) => ({ name: estimator, ...meanAuc }));
  return html`${table(head, rows, { numeric: [1, 2, 3, 4, 5, 6], best })}
<p></p>${charts([
    rocChart(predictions),
    intervalChart('AUC of each estimator', {
      items,
      format: (v) => v.toFixed(4),
      note: 'Mean over the splits, 95 % interval from DeLong’s variance. Judge pairs by the table below: on the same rows they move together.',
    }),
  ])}${pairs.length > 0 ? html`<p></p><h3>Paired differences (DeLong)</h3>${table(['pair', 'AUC difference', 'z', 'p'], pairs, { numeric: [1, 2, 3] })}` : html``}`;
}

function calibration({ results }: Evaluation, best: Named): Html {
  const rows = results.map(({ estimator, metrics, calibrations }) => [
    estimator,
    withInterval(metrics.brier, 5),
    fixed(metrics.logLoss, 5),
    withInterval(metrics.calibrationSlope, 3),
    fixed(metrics.calibrationIntercept, 3),
    fixed(metrics.ece, 4),
    calibrations.join(', ') || '–',
  ]);
  const head = ['estimator', 'Brier', 'log loss', 'slope', 'intercept', 'ECE', 'calibration chosen'];
  return html`${table(head, rows, { numeric: [1, 2, 3, 4, 5] })}<p></p>${charts([calibrationChart(best), distributionChart(best)])}${hosmer(best)}`;
}

function hosmer(best: Named): Html {
  const distinct = new Set(Array.from(best.scores)).size;
  if (distinct < 10) return html``;
  const { statistic, degreesOfFreedom, pValue } = hosmerLemeshow(best, { heldOut: true });
  return html`<p class="soft">Hosmer–Lemeshow of ${best.name} on rows it did not see: χ² ${fixed(statistic, 2)} with ${degreesOfFreedom} degrees of freedom, p ${fixed(pValue, 4)}. On large sets this test finds differences too small to matter; read it beside slope and ECE.</p>`;
}

function gains(best: Named): Html {
  const rows = gainsTable(best).map((row) => [
    row.part,
    count(row.count),
    count(row.defaults),
    percent(row.defaultRate, 2),
    percent(row.meanScore, 2),
    fixed(row.lift, 2),
    percent(row.cumulativeShareOfDefaults, 1),
    fixed(row.cumulativeLift, 2),
  ]);
  const head = ['part', 'rows', 'defaults', 'default rate', 'mean pd', 'lift', 'defaults found', 'cumulative lift'];
  return html`${charts([gainsChart([best])])}<p></p>${table(head, rows, { numeric: [0, 1, 2, 3, 4, 5, 6, 7] })}`;
}

function features({ results, set }: Evaluation): Html {
  const important = results
    .filter(({ importance }) => importance.length > 0)
    .map(({ estimator, importance }) =>
      barChart(`Importance: ${estimator}`, {
        bars: importance.slice(0, MAX_BARS).map(({ feature, share }) => ({ name: feature, value: share })),
        format: (value) => percent(value, 1),
        note: 'Share of the mean absolute attribution, in log-odds, on rows of the first test part.',
      }),
    );
  const scorecard = results.find(({ informationValues }) => Object.keys(informationValues).length > 0);
  const values = Object.entries(scorecard?.informationValues ?? {}).sort((a, b) => b[1] - a[1]);
  const iv = barChart('Information value of the scorecard’s features', {
    bars: values.slice(0, MAX_BARS).map(([name, value]) => ({ name, value })),
    format: (value) => value.toFixed(3),
    note: 'Under 0.02 no use, 0.1 weak, 0.3 medium, above strong; above 1 look for a leak.',
  });
  const alone = barChart('AUC of each feature alone', {
    bars: [...set.signals]
      .sort((a, b) => b.auc - a.auc)
      .slice(0, MAX_BARS)
      .map(({ feature, auc }) => ({ name: feature, value: auc })),
    format: (value) => value.toFixed(3),
    note: 'On all rows, for orientation only; nothing was chosen by it.',
  });
  return charts([...(values.length > 0 ? [iv] : []), alone, ...important]);
}

function warnings(evaluation: Evaluation): Html {
  return html`<ul class="warnings">${warningsText(evaluation).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function data({ set, targetColumn, positive }: Evaluation): Html {
  const { funnel } = set;
  const steps = [
    ['rows read', count(funnel.read)],
    ['left out: another number of cells than the header', count(funnel.ragged)],
    [`left out: no value in "${targetColumn}"`, count(funnel.withoutOutcome)],
    ['rows used', count(funnel.kept)],
  ];
  const rows = set.columns.map((column) => [
    column.name,
    column.type === 'left_out' ? 'left out' : column.type.replace('_', ' '),
    count(column.distinct),
    percent(column.missing / set.target.length, 1),
    column.reason ?? '',
  ]);
  return html`<p>Target <code>${targetColumn}</code>; default means ${positive.map((value, i) => html`${i > 0 ? ', ' : ''}<code>${value}</code>`)}.</p>
${table(['funnel', 'rows'], steps, { numeric: [1] })}<p></p>${table(['column', 'taken as', 'distinct', 'missing', 'why left out'], rows, { numeric: [2, 3] })}`;
}

function method({ plan, seed, splits }: Evaluation): Html {
  const how =
    plan.kind === 'folds'
      ? html`Row i is in fold uint32_be(sha256("&lt;name&gt;:&lt;i&gt;")) mod ${plan.folds}, names: ${plan.names.join(', ')}.`
      : html`Trained on ${count(plan.trainRows)} rows with ${plan.column} up to ${plan.until}, tested on ${count(plan.testRows)} later rows.`;
  return html`<p>${how} Each of the ${splits.length} splits fits binning, imputation, tuning and calibration on its training rows alone; categories seen in fewer than ten training rows count as missing. Seed ${seed}.</p>
<p>AUC: Mann–Whitney with ties counting half; intervals DeLong. KS and Brier: stratified bootstrap. Slope and intercept: logistic regression of the outcome on logit(pd). ECE: ten groups of equal count. Blend: mean of the estimators’ calibrated log-odds.</p>`;
}
