import {
  type DecisionResult,
  decisionResult,
  type ModelSource,
  missingColumns,
  type OpenModel,
  readApplicationColumns,
} from '../decisions/index.ts';
import { AssayError, type CreditPolicy, type FeatureValue } from '../domain/index.ts';
import { applyCalibration, scoreOf } from '../estimators/index.ts';
import { describeCatalog, FEATURES_KEY, tablesOf } from '../features/index.ts';
import { APPLICANT_COLUMNS, type ApplicantRow, applicantOf } from './applicants.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';
import { identifier, sqlText } from './sql.ts';

/** Months of transactions shown before an application. */
const MONTHS_SHOWN = 24;

/**
 * One application of the scored book: score with every feature's part in it, the policy's trace, the money before it.
 * The score is the recorded one; attributions are computed again with the same model version, outcome and trace with the policy that
 * decides now: a policy that went live after the last run says here already what it says to a new application.
 * @throws AssayError not_found
 */
export async function readApplicant(
  reader: MartReader,
  { models, policy }: { readonly models: ModelSource; readonly policy: CreditPolicy },
  applicationId: string,
) {
  const snapshot = await reader.snapshot();
  const [row] = snapshot
    ? await reader.context.warehouse.rows<ApplicantRow>(
        `SELECT ${APPLICANT_COLUMNS} FROM ${reader.from('applicants')} WHERE application_id = $1`,
        [applicationId],
      )
    : [];
  if (!snapshot || !row)
    throw new AssayError('not_found', { what: 'no such application in the scored book', given: applicationId });
  const model = await models.version(row.model_version);
  const values = await featureValues(reader, applicationId);
  const { portfolio } = reader.context;
  const columns = (await readApplicationColumns(reader.context, applicationId))(applicationId);
  const result = decisionResult({
    policy,
    model,
    application: { columns },
    features: values,
    missing: missingColumns(portfolio, columns),
    currency: portfolio.currency,
  });
  return {
    ...applicantOf(row, portfolio),
    outcome: result.outcome,
    currency: portfolio.currency,
    modelVersion: row.model_version,
    margin: row.margin,
    pdPercentile: await pdPercentile(reader, row.pd),
    reasons: [...result.reasons],
    reference: model.manifest.reference.note,
    features: await featureLines(reader, snapshot, model, result, values),
    transactions: await monthlyTransactions(reader, row),
    trace: result.trace.map((entry) => ({ ...entry, saw: { ...entry.saw } })),
  };
}

async function featureValues(reader: MartReader, applicationId: string): Promise<Record<string, FeatureValue>> {
  const names = reader.context.portfolio.features.features.map((feature) => identifier(feature.name));
  const [row] = await reader.context.warehouse.rows<Record<string, FeatureValue>>(
    `SELECT ${names.join(', ')} FROM ${reader.fromKey(FEATURES_KEY)} WHERE application_id = $1`,
    [applicationId],
  );
  return row ?? {};
}

async function pdPercentile(reader: MartReader, pd: number): Promise<number> {
  const [row] = await reader.context.warehouse.rows<{ share: number | null }>(
    `SELECT AVG(CASE WHEN pd < $1 THEN 1.0 ELSE 0.0 END) AS share FROM ${reader.from('applicants')}`,
    [pd],
  );
  return row?.share ?? 0;
}

async function featureLines(
  reader: MartReader,
  snapshot: Snapshot,
  model: OpenModel,
  result: DecisionResult,
  values: Readonly<Record<string, FeatureValue>>,
) {
  const { portfolio } = reader.context;
  const catalog = await reader.cached(snapshot, 'catalog', async () =>
    describeCatalog(portfolio.features, tablesOf(portfolio)),
  );
  const percentiles = await featurePercentiles(reader, values);
  const points = pointsByFeature(model, result, values);
  return catalog.map((feature) => ({
    name: feature.name,
    title: feature.title,
    unit: feature.unit,
    group: feature.group,
    dataClass: feature.dataClass,
    value: values[feature.name] ?? null,
    nullMeaning: feature.nullMeaning,
    percentile: percentiles[feature.name] ?? null,
    points: points[feature.name] ?? null,
  }));
}

/** Share of the book with a lower value, for every number the applicant has. */
async function featurePercentiles(
  reader: MartReader,
  values: Readonly<Record<string, FeatureValue>>,
): Promise<Record<string, number | null>> {
  const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  if (numbers.length === 0) return {};
  const shares = numbers.map(([name], index) => {
    const column = identifier(name);
    return `SUM(CASE WHEN ${column} < $${index + 1} THEN 1.0 ELSE 0.0 END) / NULLIF(COUNT(${column}), 0) AS ${column}`;
  });
  const [row] = await reader.context.warehouse.rows<Record<string, number | null>>(
    `SELECT ${shares.join(', ')} FROM ${reader.fromKey(FEATURES_KEY)}`,
    numbers.map(([, value]) => value),
  );
  return row ?? {};
}

/** Below this difference of log-odds the mean slope would be noise. */
const COINCIDE = 1e-9;

/**
 * Score points of each input against the reference, below 0 = lowers the score; they sum to score - score(reference).
 * One unit of margin is worth (score(reference) - score) / (margin - reference) points for this row.
 */
function pointsByFeature(
  model: OpenModel,
  result: DecisionResult,
  values: Readonly<Record<string, FeatureValue>>,
): Record<string, number> {
  const { calibration, scale } = model.manifest;
  const { reference, byFeature } = model.scorer.attributions(values);
  const distance = result.margin - reference;
  const pointsPerUnit =
    Math.abs(distance) < COINCIDE
      ? scale.pdo / Math.LN2
      : (scoreOf(applyCalibration(calibration, reference), scale) - result.score) / distance;
  return Object.fromEntries(
    Object.entries(byFeature).map(([name, attribution]) => [name, -attribution * pointsPerUnit]),
  );
}

type MonthRow = {
  month: string;
  count: number;
  inflow_minor: number;
  outflow_minor: number;
  lowest_balance_minor: number | null;
  end_balance_minor: number | null;
};

/** By month, transactions that happened and were known before the application. */
async function monthlyTransactions(reader: MartReader, row: ApplicantRow) {
  const { lake, warehouse } = reader.context;
  if (row.applied_at === null) return [];
  const keys = (await lake.list('processed/transactions')).filter(
    (key) => key.endsWith('.parquet') && inShownMonths(key, row.applied_at ?? ''),
  );
  if (keys.length === 0) return [];
  const months = await warehouse.rows<MonthRow>(
    `SELECT strftime(occurred_at, '%Y-%m') AS month, COUNT(*) AS count,
       CAST(SUM(CASE WHEN amount_minor > 0 THEN amount_minor ELSE 0 END) AS BIGINT) AS inflow_minor,
       CAST(SUM(CASE WHEN amount_minor < 0 THEN -amount_minor ELSE 0 END) AS BIGINT) AS outflow_minor,
       MIN(balance_minor) AS lowest_balance_minor,
       arg_max(balance_minor, (occurred_at, transaction_id)) AS end_balance_minor
     FROM read_parquet([${keys.map((key) => sqlText(lake.path(key))).join(', ')}], hive_partitioning = false)
     WHERE borrower_id = $1 AND occurred_at < CAST($2 AS TIMESTAMP) AND known_at < CAST($2 AS TIMESTAMP)
     GROUP BY month ORDER BY month`,
    [row.borrower_id, row.applied_at.replace('Z', '')],
  );
  return months.map((month) => ({
    month: month.month,
    count: month.count,
    inflowMinor: month.inflow_minor,
    outflowMinor: month.outflow_minor,
    lowestBalanceMinor: month.lowest_balance_minor,
    endBalanceMinor: month.end_balance_minor,
  }));
}

/** `…/dt=YYYY-MM/…`: only the partitions of the months shown are opened. */
function inShownMonths(key: string, appliedAt: string): boolean {
  const partition = /dt=(\d{4})-(\d{2})/.exec(key);
  if (!partition) return true;
  const month = Number(partition[1]) * 12 + Number(partition[2]);
  const last = Number(appliedAt.slice(0, 4)) * 12 + Number(appliedAt.slice(5, 7));
  return month <= last && month > last - MONTHS_SHOWN;
}
