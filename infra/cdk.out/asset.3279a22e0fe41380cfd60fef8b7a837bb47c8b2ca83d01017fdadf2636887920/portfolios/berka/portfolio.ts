import { parseCreditPolicy } from '../../src/decisions/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { features } from './features.ts';
import policy from './policy.json' with { type: 'json' };
import { sources } from './sources.ts';

const portfolio: Portfolio = {
  name: 'berka',
  title: 'Berka, Czech bank 1993-1998',
  description: 'Loans of the PKDD 1999 bank whose whole account history before the loan is there: 392 of 682.',
  currency: 'CZK',
  sources,
  endsWithData: true,
  defaultDefinition: {
    description:
      'Defaulted: status B (contract over, not paid) or D (running, client in debt). Not: A (paid) and C (running, in order so far). As seen at the end of 1998, so young loans had little time to go wrong.',
    outcomeWindowMonths: null,
  },
  features,
  split: { kind: 'folds', name: 'berka', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: { name: 'The bank of the Berka data', address: 'Example Street 1, 110 00 Prague', jurisdiction: 'CZ' },
  protectedAttributes: [{ table: 'borrowers', column: 'sex', title: 'Sex' }],
  segments: ['loan_term', 'card_type', 'standing_order_count'],
};

export default portfolio;
