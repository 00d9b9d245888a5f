import { type CreditPolicy, isSpecificReason } from '../../domain/index.ts';
import { factsIn } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';

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
