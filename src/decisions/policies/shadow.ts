import type { CreditPolicy, DecisionOutcome } from '../../domain/index.ts';
import type { Database } from '../../platform/index.ts';
import { outcomeWith, policyFacts } from '../decide.ts';
import { evaluatePolicy } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';
import type { DecisionStore } from '../store.ts';
import type { PolicyStore } from './policy-store.ts';

/** What a policy in shadow would have said to an application that another policy decided. Not a decision: it has no answer, no notice. */
export type ShadowDecision = {
  readonly kind: 'shadow';
  readonly version: string;
  readonly policyHash: string;
  readonly decisionId: string;
  readonly outcome: DecisionOutcome;
  readonly realOutcome: DecisionOutcome;
  readonly rules: readonly string[];
};

/** Decisions tried in one transaction. */
const BATCH = 500;

/** From the record alone: the same facts the real policy saw. */
export function shadowDecision(
  challenger: { readonly version: string; readonly policyHash: string; readonly policy: CreditPolicy },
  body: DecisionBody,
): ShadowDecision {
  const { pd, score, grade, outcome: realOutcome } = body.result;
  const { application, features } = body;
  const facts = policyFacts(challenger.policy, {
    ...{ pd, score, grade, application, features },
    fraud: body.fraud?.assessment,
  });
  const { outcome, trace } = evaluatePolicy(challenger.policy, facts);
  return {
    kind: 'shadow',
    version: challenger.version,
    policyHash: challenger.policyHash,
    decisionId: body.decisionId,
    outcome: outcomeWith(outcome, body.missing),
    realOutcome,
    rules: trace.filter((entry) => entry.fired).map((entry) => entry.rule),
  };
}

/**
 * Tries every policy in shadow on the decisions made since it was last tried: from the records, off the path of the answer, each
 * decision once, whatever crashes. Several servers may call it; one works. Returns how many were tried.
 */
export async function runShadows(
  dependencies: { readonly database: Database; readonly store: DecisionStore; readonly policies: PolicyStore },
  portfolio: string,
): Promise<number> {
  let tried = 0;
  for (const challenger of await dependencies.policies.list()) {
    if (challenger.status !== 'shadow') continue;
    const after = await shadowCursor(dependencies.database, portfolio, challenger.version);
    if (after === undefined) continue;
    const read = await dependencies.store.since(after, BATCH);
    const last = read.at(-1)?.sequence;
    if (last === undefined) continue;
    const shadows = read.flatMap(({ record }) => (record ? [shadowDecision(challenger, record.body)] : []));
    tried += await dependencies.database.transaction(async (database) => {
      const moved = await database.query(
        `UPDATE credit_policy_versions SET shadow_sequence = $4
         WHERE portfolio = $1 AND version = $2 AND status = 'shadow' AND shadow_sequence = $3 RETURNING 1`,
        [portfolio, challenger.version, after, last],
      );
      if (moved.length === 0) return 0; // another server was quicker
      await keep(database, portfolio, shadows);
      return shadows.length;
    });
  }
  return tried;
}

/** The last decision a version in shadow was tried on. */
async function shadowCursor(database: Database, portfolio: string, version: string): Promise<number | undefined> {
  const [row] = await database.query<{ shadow_sequence: number }>(
    `SELECT shadow_sequence FROM credit_policy_versions WHERE portfolio = $1 AND version = $2 AND status = 'shadow'`,
    [portfolio, version],
  );
  return row?.shadow_sequence;
}

async function keep(database: Database, portfolio: string, shadows: readonly ShadowDecision[]): Promise<void> {
  for (const { version, decisionId, policyHash, outcome, realOutcome, rules } of shadows) {
    await database.prepared(
      'shadow_insert',
      `INSERT INTO shadow_decisions (portfolio, version, decision_id, policy_hash, outcome, real_outcome, rules)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [portfolio, version, decisionId, policyHash, outcome, realOutcome, rules],
    );
  }
}

export type ShadowSummary = {
  readonly decisions: number;
  readonly agree: number;
  /** Pairs of outcomes and how often: what was decided, what the shadow would have. */
  readonly pairs: readonly {
    readonly real: DecisionOutcome;
    readonly shadow: DecisionOutcome;
    readonly count: number;
  }[];
};

export async function shadowSummary(database: Database, portfolio: string, version: string): Promise<ShadowSummary> {
  const pairs = await database.query<{ real: DecisionOutcome; shadow: DecisionOutcome; count: number }>(
    `SELECT real_outcome AS real, outcome AS shadow, count(*) AS count FROM shadow_decisions
     WHERE portfolio = $1 AND version = $2 GROUP BY 1, 2 ORDER BY 1, 2`,
    [portfolio, version],
  );
  const sum = (rows: readonly { count: number }[]): number => rows.reduce((total, { count }) => total + count, 0);
  return { decisions: sum(pairs), agree: sum(pairs.filter(({ real, shadow }) => real === shadow)), pairs };
}
