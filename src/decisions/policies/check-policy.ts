import { AssayError, type CreditPolicy, type FieldIssue, type Portfolio } from '../../domain/index.ts';
import { checkCatalog, tablesOf } from '../../features/index.ts';
import { applicationFields } from '../application.ts';
import { conditionsOf, factsIn } from '../evaluate-policy.ts';

const PLAIN = ['pd', 'score', 'grade', 'amountMinor', 'termMonths'];
/** Where the portfolio looks for application fraud. */
const FRAUD = ['fraud.score', 'fraud.band', 'fraud.signals'];

/**
 * Whether a portfolio can evaluate a policy: every fact it names exists. A fact that is misspelt would be missing for ever, and a
 * rule on it would never fire; a protected attribute is no fact at all.
 * @throws AssayError bad_input naming each rule or segment and the fact it asks for
 */
export function checkPolicy(policy: CreditPolicy, portfolio: Portfolio): void {
  const known = knownFacts(portfolio);
  const issues = conditionsOf(policy).flatMap(({ path, when }): FieldIssue[] =>
    [...new Set(factsIn(when))]
      .filter((fact) => !known.has(fact))
      .map((fact) => ({ path, message: `there is no fact ${fact} in this portfolio` })),
  );
  if (issues.length === 0) return;
  throw new AssayError('bad_input', {
    what: 'the credit policy asks for what this portfolio does not know',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: `${PLAIN.join(', ')}, feature.<name of the catalog>, attribute.<column of loan_applications>${portfolio.fraud ? `, ${FRAUD.join(', ')}` : ''}`,
    fix: 'correct the names of the facts; GET /api/v1/catalog lists the features',
    issues,
  });
}

/** A rule on a social network's data would go round the promotion of models: such features are no facts. */
function openFeatures({ features, ...portfolio }: Portfolio): string[] {
  return checkCatalog(features, tablesOf(portfolio))
    .features.filter(({ dataClass }) => dataClass !== 'social_network')
    .map(({ definition }) => definition.name);
}

function knownFacts(portfolio: Portfolio): Set<string> {
  return new Set([
    ...PLAIN,
    ...(portfolio.fraud ? FRAUD : []),
    ...openFeatures(portfolio).map((name) => `feature.${name}`),
    ...applicationFields(portfolio).map(({ column }) => `attribute.${column.name}`),
  ]);
}
