import { type DecisionOutcome, rulesInForce } from '../../domain/index.ts';
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
  const opened: Opened[] = [];
  for (const one of decided) {
    const place = { decisionId: one.decision_id, applicationId: one.application_id, caseId: null };
    for (const duty of await dutiesOfDecision(dependencies, one)) opened.push({ ...place, duty });
  }
  const count = await database.transaction(async (transaction) => {
    if (!(await moveCursor(transaction, 'notice_cursors', portfolio, { from: after, to: last.sequence }))) return 0;
    await insertDuties(transaction, dependencies, opened);
    return opened.length;
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
  const opened = answered.map((one): Opened => {
    const decidedOn = dayOf(one.decided_at);
    const review = { outcome: one.outcome, receivedOn: dayOf(one.received_at), decidedOn };
    const rules = rulesInForce(jurisdiction, decidedOn);
    const duty = dutyOfReview({ ...review, isContested: one.origin === 'contested' }, rules);
    return { decisionId: one.decision_id, applicationId: one.application_id, caseId: one.case_id, duty };
  });
  await insertDuties(database, dependencies, opened);
  return answered.length;
}

type Opened = {
  readonly decisionId: string;
  readonly applicationId: string;
  readonly caseId: string | null;
  readonly duty: NewDuty;
};

/** In one statement, however many there are. One that waited for a person becomes what the person decided; others stay. */
async function insertDuties(
  database: Database,
  { explain, jurisdiction, now }: DutyDependencies,
  opened: readonly Opened[],
): Promise<void> {
  if (opened.length === 0) return;
  const duties = opened.map(({ duty }) => duty);
  await database.query(
    `INSERT INTO notice_duties (portfolio, jurisdiction, opened_at, decision_id, application_id, case_id, about, kind, state, due_on, rule)
     SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::date[], $11::text[])
     ON CONFLICT (decision_id, about) DO UPDATE SET case_id = EXCLUDED.case_id, kind = EXCLUDED.kind, state = EXCLUDED.state,
       due_on = EXCLUDED.due_on, rule = EXCLUDED.rule WHERE notice_duties.state = 'waits'`,
    [
      ...[explain.portfolio.name, jurisdiction, now],
      opened.map(({ decisionId }) => decisionId),
      opened.map(({ applicationId }) => applicationId),
      opened.map(({ caseId }) => caseId),
      duties.map(({ about }) => about),
      duties.map(({ kind }) => kind),
      duties.map(({ state }) => state),
      duties.map(({ dueOn }) => dueOn),
      duties.map(({ rule }) => rule),
    ],
  );
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
