import { type DecisionOutcome, type JurisdictionRule, rulesInForce } from '../../domain/index.ts';
import type { Database } from '../../platform/index.ts';
import { moveCursor, readCursor } from '../decision-cursor.ts';
import { segmentOfTrace } from '../evaluate-policy.ts';
import type { ExplainDependencies } from '../explain.ts';
import type { DecisionBody } from '../record.ts';
import type { ReviewOutcome } from '../reviews/review.ts';
import { bureauUseOf } from './bureau-use.ts';
import { dutiesOf, dutyOfReview, type NewDuty } from './duty.ts';
import { isPricedByRisk } from './pricing-tier.ts';

/** Decisions, and answers of people, looked at in one transaction. */
const BATCH = 500;

export type DutyDependencies = {
  readonly database: Database;
  readonly explain: ExplainDependencies;
  /** Of the lender. */
  readonly jurisdiction: string;
  readonly now: Date;
};

type Decided = {
  decision_id: string;
  sequence: number;
  application_id: string;
  decided_at: Date;
  outcome: DecisionOutcome;
};

/**
 * Opens a duty for every decision made since the last call that an applicant must be told of, and turns those that waited for a person
 * into due ones. Cursor and duties in one transaction: none is lost and none is there twice, whatever crashes; several servers may call it.
 */
export async function openDuties(dependencies: DutyDependencies): Promise<number> {
  let opened = 0;
  for (;;) {
    const { count, isLast } = await openBatch(dependencies);
    opened += count;
    if (isLast) break;
  }
  return opened + (await followReviews(dependencies));
}

async function openBatch(dependencies: DutyDependencies): Promise<{ count: number; isLast: boolean }> {
  const { database, explain } = dependencies;
  const portfolio = explain.portfolio.name;
  const after = await readCursor(database, 'notice_cursors', portfolio);
  const decided = await database.query<Decided>(
    `SELECT decision_id, sequence, application_id, decided_at, outcome FROM decisions
     WHERE portfolio = $1 AND sequence > $2 ORDER BY sequence LIMIT ${BATCH}`,
    [portfolio, after],
  );
  const last = decided.at(-1);
  if (last === undefined) return { count: 0, isLast: true };
  const duties: { readonly decided: Decided; readonly duty: NewDuty }[] = [];
  for (const one of decided) {
    for (const duty of await dutiesOfDecision(dependencies, one)) duties.push({ decided: one, duty });
  }
  const count = await database.transaction(async (transaction) => {
    if (!(await moveCursor(transaction, 'notice_cursors', portfolio, { from: after, to: last.sequence }))) return 0;
    for (const { decided: one, duty } of duties) await insertDuty(transaction, dependencies, one, duty);
    return duties.length;
  });
  return { count, isLast: decided.length < BATCH };
}

async function dutiesOfDecision(dependencies: DutyDependencies, one: Decided): Promise<NewDuty[]> {
  const decidedOn = dayOf(one.decided_at);
  const rules = rulesInForce(dependencies.jurisdiction, decidedOn);
  const { outcome } = one;
  const asksOfPrice = outcome === 'approved' && rules.some((rule) => rule.gives.includes('risk_based_pricing'));
  if (outcome === 'approved' && !asksOfPrice) return [];
  const body = outcome === 'referred' || asksOfPrice ? await bodyOf(dependencies, one.decision_id) : undefined;
  const isIncomplete = outcome === 'referred' && (body?.missing.length ?? 0) > 0;
  const isPriced = asksOfPrice && body !== undefined && (await pricedByRisk(dependencies, body));
  return dutiesOf({ outcome, decidedOn, isIncomplete, isPricedByRisk: isPriced }, rules);
}

/** Undefined for a person who was erased meanwhile. */
async function bodyOf({ explain }: DutyDependencies, decisionId: string): Promise<DecisionBody | undefined> {
  return (await explain.store.get(decisionId))?.body;
}

async function pricedByRisk({ explain }: DutyDependencies, body: DecisionBody): Promise<boolean> {
  const policy = await explain.store.policy(body.policyHash);
  if (!isPricedByRisk(policy.pricing, body.result.offer?.annualRatePercent ?? null, segmentOfTrace(body.result.trace)))
    return false;
  const { manifest } = await explain.models.version(body.modelVersion);
  const inputs = manifest.inputs.map(({ name }) => name);
  return bureauUseOf(explain.portfolio, body, inputs, policy).report;
}

type Answered = {
  case_id: string;
  decision_id: string;
  application_id: string;
  origin: 'referred' | 'contested';
  outcome: ReviewOutcome;
  decided_at: Date;
  received_at: Date;
};

/** Cases that a person decided and nobody was told of yet. */
async function followReviews(dependencies: DutyDependencies): Promise<number> {
  const { database, explain, jurisdiction } = dependencies;
  const answered = await database.query<Answered>(
    `SELECT c.case_id, c.decision_id, c.application_id, c.origin, c.outcome, c.decided_at, d.decided_at AS received_at
     FROM review_cases c JOIN decisions d ON d.decision_id = c.decision_id
     LEFT JOIN notice_duties n ON n.decision_id = c.decision_id AND n.about = 'review'
     WHERE c.portfolio = $1 AND c.status = 'decided' AND (n.decision_id IS NULL OR n.state = 'waits') LIMIT ${BATCH}`,
    [explain.portfolio.name],
  );
  for (const one of answered) {
    const decidedOn = dayOf(one.decided_at);
    const review = { outcome: one.outcome, receivedOn: dayOf(one.received_at), decidedOn };
    const rules: readonly JurisdictionRule[] = rulesInForce(jurisdiction, decidedOn);
    const duty = dutyOfReview({ ...review, isContested: one.origin === 'contested' }, rules);
    await insertDuty(database, dependencies, one, duty, one.case_id);
  }
  return answered.length;
}

async function insertDuty(
  database: Database,
  { explain, jurisdiction, now }: DutyDependencies,
  one: { readonly decision_id: string; readonly application_id: string },
  duty: NewDuty,
  caseId: string | null = null,
): Promise<void> {
  await database.query(
    `INSERT INTO notice_duties (decision_id, about, portfolio, application_id, case_id, kind, jurisdiction, state, opened_at, due_on, rule)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (decision_id, about) DO UPDATE SET case_id = EXCLUDED.case_id, kind = EXCLUDED.kind, state = EXCLUDED.state,
       due_on = EXCLUDED.due_on, rule = EXCLUDED.rule WHERE notice_duties.state = 'waits'`,
    [
      ...[one.decision_id, duty.about, explain.portfolio.name, one.application_id, caseId, duty.kind, jurisdiction],
      ...[duty.state, now, duty.dueOn, duty.rule],
    ],
  );
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
