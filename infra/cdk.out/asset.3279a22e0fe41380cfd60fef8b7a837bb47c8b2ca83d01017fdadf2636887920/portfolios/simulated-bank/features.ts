import type { FeatureCatalog } from '../../src/domain/index.ts';
import {
  accountFeatures,
  activityFeatures,
  balanceFeatures,
  borrowerFeatures,
  cardFeatures,
  districtFeatures,
  flowFeatures,
  incomeFeatures,
  loanFeatures,
  loanRecordFeatures,
  overdraftFeatures,
  spendingFeatures,
  standingOrderFeatures,
} from '../../src/features/index.ts';

/** Everything known about an applicant of the simulated bank: account behaviour, obligations, work and home, district. */
export const features: FeatureCatalog = {
  features: [
    ...loanFeatures({ purpose: true }),
    ...incomeFeatures({ categories: ['salary', 'pension', 'benefit'] }),
    ...flowFeatures(),
    ...balanceFeatures(),
    ...overdraftFeatures(),
    ...spendingFeatures({ gambling: true }),
    ...activityFeatures({ counterparties: true }),
    ...standingOrderFeatures(),
    ...accountFeatures(),
    ...cardFeatures(),
    ...borrowerFeatures(),
    ...districtFeatures(),
    ...loanRecordFeatures(),
  ],
};
