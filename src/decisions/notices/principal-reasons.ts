import { type CreditPolicy, isSpecificReason } from '../../domain/index.ts';
import { factsIn } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';
import { ADVERSE_TEXTS, leanOf, type ReviewAnswer } from '../reviews/review.ts';

/** More than four are not helpful (Official Interpretation of 12 CFR 1002.9(b)(2)), and fewer must not leave a principal one out. */
export const MAX_PRINCIPAL_REASONS = 4;
/** Facts that stand for the score: a rule that looks at them has the reasons of the score. */
const SCORE_FACTS = ['pd', 'score', 'grade'];

export type PrincipalReason = { readonly code: string; readonly text: string };

/**
 * The reasons a decision rests on, most important first: rules that fired with the final outcome on facts of the applicant in
 * their own words; then, when a rule on pd, score or grade fired, the reasons of the score. A text that tells nothing of the
 * applicant (a cut-off, a policy) is never among them.
 * Source: 12 CFR 1002.9(b)(2) and its Official Interpretation.
 */
export function principalReasons(
  { result }: Pick<DecisionBody, 'result'>,
  policy: CreditPolicy,
): readonly PrincipalReason[] {
  const fired = result.trace.filter(
    (entry) => entry.fired && entry.kind !== 'segment' && entry.outcome === result.outcome,
  );
  const found = new Map<string, PrincipalReason>();
  let restsOnScore = false;
  for (const { rule: id, kind, saw } of fired) {
    const rule = policy.rules.find((candidate) => candidate.id === id);
    const facts = rule ? factsIn(rule.when) : Object.keys(saw);
    const isOfScore = kind === 'limit' || facts.some((fact) => SCORE_FACTS.includes(fact));
    if (rule && !isOfScore && isSpecificReason(rule.reason.text)) found.set(rule.reason.code, rule.reason);
    else restsOnScore = true;
  }
  if (restsOnScore) for (const { code, text } of result.reasons) if (!found.has(code)) found.set(code, { code, text });
  return [...found.values()].filter(({ text }) => isSpecificReason(text)).slice(0, MAX_PRINCIPAL_REASONS);
}

/**
 * The reasons of a person who decided against the applicant: what their code says; then, where the policy leans the same way or the
 * person lets the score stand, the reasons of those. Empty when the answer tells the borrower nothing.
 */
export function reviewReasons(
  { result }: Pick<DecisionBody, 'result'>,
  policy: CreditPolicy,
  { outcome, code }: Pick<ReviewAnswer, 'outcome' | 'code'>,
): readonly PrincipalReason[] {
  const text = ADVERSE_TEXTS[code];
  const own = text === undefined ? [] : [{ code, text }];
  const leans = leanOf({ result }) === outcome ? principalReasons({ result: { ...result, outcome } }, policy) : [];
  const scored = code === 'SCORE_STANDS' ? result.reasons.filter((reason) => isSpecificReason(reason.text)) : [];
  const found = new Map([...own, ...leans, ...scored].map((reason) => [reason.code, reason] as const));
  return [...found.values()]
    .slice(0, MAX_PRINCIPAL_REASONS)
    .map((reason) => ({ code: reason.code, text: reason.text }));
}
