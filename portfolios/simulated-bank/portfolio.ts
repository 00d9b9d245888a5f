import { parseCreditPolicy } from '../../src/decisions/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { generateBank, INCUMBENT_CUT_OFF } from '../../src/simulation/index.ts';
import { features } from './features.ts';
import { fraud } from './fraud.ts';
import { levers } from './levers.ts';
import policy from './policy.json' with { type: 'json' };
import { sources } from './sources.ts';

const portfolio: Portfolio = {
  name: 'simulated-bank',
  title: 'Simulated bank',
  description:
    'Consumer loans of a bank that does not exist: a year of account transactions before every application, and the truth about every default.',
  currency: 'EUR',
  generate: generateBank,
  sources,
  endsWithData: true,
  defaultDefinition: {
    description:
      'Defaulted: 90 days past due within twelve months of granting. Indeterminate: at worst 60 days past due in them, and cured. No outcome: declined by the rule in use, or the twelve months are not over at the extract of 2024-12-31.',
    outcomeWindowMonths: 12,
  },
  features,
  split: { kind: 'out_of_time', trainUntil: '2023-06-01', name: 'simulated-bank', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  // level with logistic on the loans that were granted; far from them, where the declined are, it keeps to what it has seen
  championEstimator: 'boosted',
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: { name: 'Simulated Bank', address: 'Example Square 1, 1010 Vienna', jurisdiction: 'AT' },
  levers,
  fraud,
  incumbent: {
    title: 'The 100-point rule of the bank, approved from 60 points',
    source: 'incumbentScore in src/simulation/bank/incumbent.ts; column incumbent_score of the application',
    rule: { kind: 'order', by: [{ column: 'incumbent_score', riskier: 'lower' }] },
    approves: { fact: 'attribute.incumbent_score', op: '>=', value: INCUMBENT_CUT_OFF },
    threeWay: { approved: 0.4, declined: 0.2 },
  },
  protectedAttributes: [
    { table: 'borrowers', column: 'ethnic_group', title: 'Ethnic group' },
    { table: 'borrowers', column: 'sex', title: 'Sex' },
    { table: 'borrowers', column: 'marital_status', title: 'Marital status' },
  ],
  segments: ['loan_purpose', 'employment_status', 'housing', 'loan_term'],
};

export default portfolio;
