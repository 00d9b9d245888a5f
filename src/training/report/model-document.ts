import { type Html, html, type ModelManifest, selectRows } from '../../domain/index.ts';
import { binFeature, compileEstimator } from '../../estimators/index.ts';
import { csi, gradeTable, hosmerLemeshow, psi } from '../measures/index.ts';
import { checkMonotonicity } from '../monotonicity.ts';
import { monotoneOf, type RowPredictions, type TrainingResult } from '../train-estimator.ts';
import type { TrainingRequest } from '../training-request.ts';
import { barChart } from './charts.ts';
import { count, fixed, percent, withInterval } from './format.ts';
import { page, type Section, table } from './page.ts';
import { calibrationChart, charts, distributionChart, gainsChart, type Named, rocChart } from './prediction-charts.ts';

export type ModelDocumentRequest = {
  readonly request: TrainingRequest;
  readonly result: TrainingResult;
  readonly manifest: ModelManifest;
};

const MAX_BARS = 20;
const SPLIT_TITLES: Readonly<Record<string, string>> = {
  out_of_fold: 'out of fold (training rows, each by a model that did not see it)',
  train: 'training (rows the model was fitted on: optimistic)',
  validation: 'validation',
  out_of_time: 'out of time (rows after the training period)',
};

/**
 * The model document: what the version is for, what it was made from, how well it does and where it must not be used,
 * written from the run itself, so that every figure is the run's own.
 */
export function modelDocument(input: ModelDocumentRequest): string {
  const { request, result, manifest } = input;
  const { portfolio } = request;
  const metrics = manifest.metrics['out_of_time'] ?? manifest.metrics['out_of_fold']!;
  const sections: Section[] = [
    { id: 'purpose', title: 'Purpose and scope', body: purpose(input) },
    { id: 'data', title: 'Data and definition of default', body: data(input) },
    { id: 'performance', title: 'Performance', body: performance(input) },
    { id: 'calibration', title: 'Calibration', body: calibration(result) },
    { id: 'grades', title: 'Grades', body: grades(input) },
    { id: 'features', title: 'Features', body: features(input) },
    { id: 'stability', title: 'Stability', body: stability(input) },
    { id: 'monotonicity', title: 'Monotonicity', body: monotonicity(input) },
    { id: 'parameters', title: 'Estimator and parameters', body: parameters(manifest) },
    { id: 'reasons', title: 'Reasons and their reference', body: reasons(input) },
    { id: 'limits', title: 'Limits', body: limits(input) },
    { id: 'reproduce', title: 'Reproducibility', body: reproduce(input) },
  ];
  return page({
    title: `Model document: ${manifest.modelVersion}`,
    subtitle: `${portfolio.title}, ${manifest.estimator}`,
    tiles: [
      { label: 'AUC', value: fixed(metrics.auc.value, 4) },
      { label: 'Gini', value: fixed(metrics.gini.value, 4) },
      { label: 'KS', value: fixed(metrics.ks.value, 3) },
      { label: 'calibration slope', value: fixed(metrics.calibrationSlope.value, 3) },
      { label: 'expected calibration error', value: fixed(metrics.ece, 4) },
      { label: 'rows measured on', value: count(metrics.rows) },
    ],
    sections,
    footer: `Written by Assay at ${manifest.createdAt}. Intervals are 95 %. Tiles: ${manifest.metrics['out_of_time'] ? 'out of time' : 'out of fold'}.`,
  });
}

function purpose({ request: { portfolio }, manifest }: ModelDocumentRequest): Html {
  return html`<p>${portfolio.description}</p>
<p>The version predicts the probability that a loan application, if granted, defaults (pd). From it follow the score (${manifest.scale.baseScore} points at odds of ${manifest.scale.baseOdds} to 1, ${manifest.scale.pdo} points double the odds; higher is safer), the grade and the reasons. It informs decisions through the credit policy; it does not take them.</p>`;
}

function data({ request: { portfolio, snapshot }, result }: ModelDocumentRequest): Html {
  const { defaultDefinition, split } = portfolio;
  const window = defaultDefinition.outcomeWindowMonths;
  const line = (name: string, predictions: RowPredictions) => {
    const defaults = predictions.target.reduce((sum, value) => sum + value, 0);
    return [name, count(predictions.rows.length), count(defaults), percent(defaults / predictions.rows.length, 2)];
  };
  const labelled = snapshot.target.length;
  const rows = [
    ['loan applications with features', count(labelled + snapshot.manifest.unlabelledRows), '', ''],
    ['left out: outcome indeterminate or not yet known', count(snapshot.manifest.unlabelledRows), '', ''],
    line('training split', result.train),
    ...(result.test.rows.length > 0 ? [line('test split', result.test)] : []),
  ];
  const plan =
    split.kind === 'folds'
      ? html`No test split: all rows train, ${split.folds} folds by the rule sha256("${split.name}:&lt;row&gt;").`
      : html`Applications before ${split.trainUntil} train (${split.folds} folds by the rule sha256("${split.name}:&lt;row&gt;")), those from then on test.`;
  return html`<p><b>Default:</b> ${defaultDefinition.description}${window === null ? '' : ` Outcome window: ${window} months.`}</p><p>${plan}</p>${table(['population', 'rows', 'defaults', 'default rate'], rows, { numeric: [1, 2, 3] })}`;
}

function named(name: string, { pd, target }: RowPredictions): Named {
  return { name, scores: pd, target };
}

function measured(result: TrainingResult): Named[] {
  const hasTest = result.draft.metrics['out_of_time'] !== undefined;
  return [named('out of fold', result.outOfFold), ...(hasTest ? [named('out of time', result.test)] : [])];
}

function performance({ manifest, result }: ModelDocumentRequest): Html {
  const rows = Object.entries(manifest.metrics).map(([split, metrics]) => [
    split.replaceAll('_', ' '),
    count(metrics.rows),
    count(metrics.defaults),
    withInterval(metrics.auc, 4),
    fixed(metrics.gini.value, 4),
    withInterval(metrics.ks, 3),
    withInterval(metrics.brier, 5),
    fixed(metrics.logLoss, 5),
  ]);
  const head = ['split', 'rows', 'defaults', 'AUC', 'Gini', 'KS', 'Brier', 'log loss'];
  const all = measured(result);
  return html`${table(head, rows, { numeric: [1, 2, 3, 4, 5, 6, 7] })}<p class="soft">The gap between training and out of fold is what the model owes to having seen the rows.</p>${charts([rocChart(all), gainsChart(all)])}`;
}

const CALIBRATED_ON: Readonly<Record<TrainingResult['calibratedOn'], string>> = {
  out_of_fold: 'the training rows, out of fold',
  latest_quarter: 'the latest quarter of the training rows, by a model of the earlier ones',
};

function calibration(result: TrainingResult): Html {
  const rows = Object.entries(result.draft.metrics).map(([split, metrics]) => [
    SPLIT_TITLES[split] ?? split,
    withInterval(metrics.calibrationSlope, 3),
    fixed(metrics.calibrationIntercept, 3),
    fixed(metrics.ece, 4),
  ]);
  const all = measured(result);
  const tests = all
    .filter(({ scores }) => new Set(Array.from(scores)).size >= 10)
    .map((one) => {
      const { statistic, degreesOfFreedom, pValue } = hosmerLemeshow(one, { heldOut: true });
      return [one.name, fixed(statistic, 2), String(degreesOfFreedom), fixed(pValue, 4)];
    });
  return html`<p>Chosen by log loss on ${CALIBRATED_ON[result.calibratedOn]}: <b>${result.draft.calibration.kind}</b>.</p>${table(['split', 'slope', 'intercept', 'ECE'], rows, { numeric: [1, 2, 3] })}
<p></p>${table(['Hosmer–Lemeshow', 'χ²', 'degrees of freedom', 'p'], tests, { numeric: [1, 2, 3] })}<p></p>${charts(all.flatMap((one) => [calibrationChart(one), distributionChart(one)]))}`;
}

function grades({ result, manifest }: ModelDocumentRequest): Html {
  const hasTest = manifest.metrics['out_of_time'] !== undefined;
  const from = hasTest ? result.test : result.outOfFold;
  const rows = gradeTable({ scores: from.pd, target: from.target }, manifest.grades)
    .filter((grade) => grade.count > 0)
    .map((grade) => [
      grade.grade,
      `${percent(grade.lowerPd, 2)} – ${percent(grade.upperPd, 2)}`,
      count(grade.count),
      count(grade.defaults),
      percent(grade.meanPd, 2),
      `${percent(grade.observed.value, 2)} (${percent(grade.observed.lower, 2)}–${percent(grade.observed.upper, 2)})`,
      fixed(grade.pValue, 3),
    ]);
  const head = ['grade', 'pd', 'rows', 'defaults', 'mean pd', 'observed (Jeffreys)', 'p: pd too low'];
  return html`<p>Measured ${hasTest ? 'out of time' : 'out of fold'}. A p under 0.05 says that the grade’s pd is lower than its defaults bear out.</p>${table(head, rows, { numeric: [2, 3, 4, 5, 6] })}`;
}

function features({ request, result, manifest }: ModelDocumentRequest): Html {
  const { frame } = request.snapshot;
  const trainFrame = selectRows(frame, result.train.rows);
  const definitions = new Map(request.portfolio.features.features.map((feature) => [feature.name, feature]));
  const shares = new Map(manifest.importance.map(({ feature, share }) => [feature, share]));
  const used = new Set(manifest.inputs.map(({ name }) => name));
  const rows = trainFrame.columns
    .map((column) => ({ column, iv: binFeature(column, result.train.target).iv, share: shares.get(column.name) ?? 0 }))
    .sort((a, b) => b.share - a.share || b.iv - a.iv)
    .map(({ column, iv, share }) => {
      const definition = definitions.get(column.name);
      return [
        html`<code>${column.name}</code>`,
        definition?.title ?? '',
        definition?.unit ?? '',
        fixed(iv, 3),
        used.has(column.name) ? percent(share, 1) : 'not used',
        definition?.nullMeaning ?? '',
      ];
    });
  const bars = manifest.importance
    .slice(0, MAX_BARS)
    .map(({ feature, share }) => ({ name: definitions.get(feature)?.title ?? feature, value: share }));
  return html`${charts([
    barChart('Importance', {
      bars,
      format: (value) => percent(value, 1),
      note: 'Share of the mean absolute attribution, in log-odds, on training rows.',
    }),
  ])}<p></p>${table(['feature', 'what it is', 'unit', 'IV', 'importance', 'missing means'], rows, { numeric: [3, 4] })}`;
}

function stability({ request, result, manifest }: ModelDocumentRequest): Html {
  if (result.test.rows.length === 0) {
    return html`<p>The plan has no test split, so there is no later population to compare with. Monitoring reports the index on new applications.</p>`;
  }
  const { frame } = request.snapshot;
  const before = selectRows(frame, result.train.rows);
  const after = selectRows(frame, result.test.rows);
  const used = new Set(manifest.inputs.map(({ name }) => name));
  const rows = before.columns
    .map((column, i) => ({ name: column.name, index: csi(column, after.columns[i]!) }))
    .filter(({ name }) => used.has(name))
    .sort((a, b) => b.index - a.index)
    .slice(0, MAX_BARS)
    .map(({ name, index }) => [html`<code>${name}</code>`, fixed(index, 4), verdict(index)]);
  const ofPd = psi(result.train.pd, result.test.pd);
  return html`<p>Population stability index of the pd, training against test: <b>${fixed(ofPd, 4)}</b> (${verdict(ofPd)}). Features that moved most:</p>${table(['feature', 'CSI', ''], rows, { numeric: [1] })}`;
}

const verdict = (index: number): string => (index < 0.1 ? 'stable' : index < 0.25 ? 'watch' : 'shifted');

function monotonicity({ request, result, manifest }: ModelDocumentRequest): Html {
  const compiled = compileEstimator(result.fitted);
  const frame = selectRows(request.snapshot.frame, result.train.rows);
  const checks = checkMonotonicity(compiled, frame, monotoneOf(request.portfolio.features.features), {
    seed: manifest.seed,
  });
  if (checks.length === 0) return html`<p>No feature of this version has a stated direction.</p>`;
  const broken = checks.filter(({ violations }) => violations > 0);
  const rows = (broken.length > 0 ? broken : checks).map((check) => [
    html`<code>${check.feature}</code>`,
    `pd ${check.direction}`,
    count(check.steps),
    count(check.violations),
  ]);
  return html`<p>${checks.length} features have a stated direction; each was moved through its deciles with all else held. ${broken.length === 0 ? 'No step went the other way.' : `${broken.length} of them have steps that went the other way:`}</p>${table(['feature', 'stated', 'steps', 'the other way'], rows, { numeric: [2, 3] })}`;
}

function parameters({ parameters: settings, estimator }: ModelManifest): Html {
  const rows = Object.entries(settings).map(([name, value]) => [
    html`<code>${name}</code>`,
    value === null ? 'chosen from the data' : String(value),
  ]);
  return html`<p>${DESCRIPTIONS[estimator]}</p>${table(['parameter', 'value'], rows)}`;
}

const DESCRIPTIONS: Readonly<Record<ModelManifest['estimator'], string>> = {
  scorecard:
    'Features are cut into bins by optimal monotone binning; a logistic regression on the weight of evidence of the bins gives the points.',
  logistic: 'Logistic regression with an L2 penalty on standardised numbers, missing indicators and levels.',
  forest: 'Random forest: the mean of deep trees, each grown on part of the rows and columns.',
  boosted: 'Gradient-boosted trees on log loss; the number of rounds was chosen on rows held out of training.',
};

function reasons({ manifest }: ModelDocumentRequest): Html {
  const byCode = new Map<string, { text: string; features: string[] }>();
  for (const [feature, { code, text }] of Object.entries(manifest.reasons)) {
    const found = byCode.get(code) ?? { text, features: [] };
    found.features.push(feature);
    byCode.set(code, found);
  }
  const rows = [...byCode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { text, features: names }]) => [html`<code>${code}</code>`, text, names.join(', ')]);
  return html`<p>${manifest.reference.note} Attributions of features with one code are summed; at most four codes that raise the pd are told.</p>${table(['code', 'what the applicant is told', 'features'], rows)}`;
}

function limits({ result, request, manifest }: ModelDocumentRequest): Html {
  const defaults = result.train.target.reduce((sum, value) => sum + value, 0);
  return html`<ul><li>Fitted on ${count(result.train.rows.length)} applications with ${count(defaults)} defaults${request.portfolio.split.kind === 'out_of_time' ? `, made before ${request.portfolio.split.trainUntil}` : ''}. It says nothing about products, channels or times unlike these.</li>
<li>Outcomes are known only for loans that were granted: pds of applications that earlier policy declined are extrapolations.</li>
<li>${result.test.rows.length > 0 ? 'The out-of-time figures are those to expect on new applications, as long as the population stays alike.' : 'There is no out-of-time test: expect figures somewhat below the out-of-fold ones.'}</li>
<li>A value or category level never seen in training counts as missing. ${manifest.inputs.length} inputs are read.</li>
<li>Protected attributes are not inputs; fairness is measured apart.</li></ul>`;
}

function reproduce({ manifest }: ModelDocumentRequest): Html {
  const rows = [
    ['model version', manifest.modelVersion],
    ['data snapshot', manifest.snapshotHash],
    ['feature catalog', manifest.catalogHash],
    ['code', manifest.codeVersion],
    ['seed', String(manifest.seed)],
    ['payload', `${manifest.payload.file} (${manifest.payload.format}), sha256 ${manifest.payload.sha256}`],
  ].map(([name, value]) => [name!, html`<code>${value}</code>`]);
  return html`<p>The same snapshot, catalog, code, parameters and seed give this version again, byte for byte.</p>${table(['what', 'hash or value'], rows)}`;
}
