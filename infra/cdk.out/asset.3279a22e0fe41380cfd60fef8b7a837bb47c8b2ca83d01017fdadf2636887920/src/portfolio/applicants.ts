import type { DecisionOutcome, FeatureValue, Portfolio } from '../domain/index.ts';
import type { SqlValue } from '../platform/index.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';

const SORT_COLUMNS = {
  appliedAt: 'applied_at',
  pd: 'pd',
  score: 'score',
  applicationId: 'application_id',
  borrowerId: 'borrower_id',
  amount: 'amount_minor',
} as const;

export type ApplicantsQuery = {
  readonly page: number;
  readonly pageSize: number;
  readonly search?: string | undefined;
  readonly sort: keyof typeof SORT_COLUMNS;
  readonly direction: 'asc' | 'desc';
  readonly grade?: string | undefined;
  readonly outcome?: DecisionOutcome | undefined;
  readonly minPd?: number | undefined;
  readonly maxPd?: number | undefined;
  /** YYYY-MM-DD; from inclusive, until exclusive. */
  readonly from?: string | undefined;
  readonly until?: string | undefined;
};

export type ApplicantRow = {
  application_id: string;
  borrower_id: string;
  applied_at: string | null;
  amount_minor: number | null;
  term_months: number | null;
  margin: number;
  pd: number;
  score: number;
  grade: string;
  outcome: DecisionOutcome;
  reason_1: string | null;
  defaulted: number | null;
  model_version: string;
};

/** SQL text of the columns every applicant row needs; times as ISO text. */
export const APPLICANT_COLUMNS = `application_id, borrower_id, strftime(applied_at, '%Y-%m-%dT%H:%M:%SZ') AS applied_at, amount_minor,
  term_months, margin, pd, score, grade, outcome, reason_1, defaulted, model_version`;

/** One page of the scored book. */
export async function searchApplicants(reader: MartReader, query: ApplicantsQuery) {
  const snapshot = await reader.snapshot();
  const state: 'empty' | 'ready' = snapshot ? 'ready' : 'empty';
  const { currency } = reader.context.portfolio;
  if (!snapshot) return { state, snapshot: null, currency, rows: [], total: 0, grades: [] };
  const { where, parameters } = filterOf(query);
  const { warehouse } = reader.context;
  const source = `${reader.from('applicants')} WHERE ${where}`;
  // the id makes the order total, so that pages neither repeat nor skip a row
  const order = `${SORT_COLUMNS[query.sort]} ${query.direction} NULLS LAST, application_id ${query.direction}`;
  const rows = await warehouse.rows<ApplicantRow>(
    `SELECT ${APPLICANT_COLUMNS} FROM (SELECT * FROM ${source} ORDER BY ${order} LIMIT ${query.pageSize} OFFSET ${(query.page - 1) * query.pageSize})
     ORDER BY ${order}`,
    parameters,
  );
  const [counted] = await warehouse.rows<{ total: number }>(`SELECT COUNT(*) AS total FROM ${source}`, parameters);
  const grades = await reader.cached(snapshot, 'grade names', () => reader.rows<{ grade: string }>('grades'));
  return {
    state,
    snapshot: snapshot as Snapshot | null,
    currency,
    rows: rows.map((row) => applicantOf(row, reader.context.portfolio)),
    total: counted?.total ?? 0,
    grades: grades.map((row) => row.grade),
  };
}

function filterOf(query: ApplicantsQuery): { where: string; parameters: SqlValue[] } {
  const parameters: SqlValue[] = [];
  const conditions: string[] = [];
  const add = (value: SqlValue | undefined, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(`$${parameters.length}`));
  };
  add(
    query.search?.toLowerCase(),
    (p) => `(contains(lower(application_id), ${p}) OR contains(lower(borrower_id), ${p}))`,
  );
  add(query.grade, (p) => `grade = ${p}`);
  add(query.outcome, (p) => `outcome = ${p}`);
  add(query.minPd, (p) => `pd >= ${p}`);
  add(query.maxPd, (p) => `pd <= ${p}`);
  add(query.from, (p) => `applied_at >= CAST(${p} AS TIMESTAMP)`);
  add(query.until, (p) => `applied_at < CAST(${p} AS TIMESTAMP)`);
  return { where: conditions.join(' AND ') || 'TRUE', parameters };
}

export function applicantOf(row: ApplicantRow, portfolio: Portfolio) {
  return {
    applicationId: row.application_id,
    borrowerId: row.borrower_id,
    appliedAt: row.applied_at,
    amountMinor: row.amount_minor,
    termMonths: row.term_months,
    pd: row.pd,
    score: row.score,
    grade: row.grade,
    outcome: row.outcome,
    topReason: row.reason_1 === null ? null : reasonText(portfolio, row.reason_1),
    defaulted: row.defaulted,
  };
}

/** The catalog's text of a reason code. */
function reasonText(portfolio: Portfolio, code: string): string {
  return portfolio.features.features.find((feature) => feature.reason.code === code)?.reason.text ?? code;
}

export type FeatureValues = Readonly<Record<string, FeatureValue>>;
