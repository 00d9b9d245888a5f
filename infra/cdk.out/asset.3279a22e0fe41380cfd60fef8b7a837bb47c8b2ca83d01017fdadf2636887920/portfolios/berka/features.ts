import type { FeatureCatalog } from '../../src/domain/index.ts';
import {
  accountFeatures,
  activityFeatures,
  balanceFeatures,
  cardFeatures,
  districtFeatures,
  flowFeatures,
  incomeFeatures,
  loanFeatures,
  overdraftFeatures,
  spendingFeatures,
  standingOrderFeatures,
} from '../../src/features/index.ts';

/**
 * The Czech bank of 1993-1998. It does not name salaries: credits in cash, by transfer and pensions stand for income. It says
 * nothing of work or home and leaves most counterparties empty, so those families are left out.
 */
export const features: FeatureCatalog = {
  features: [
    ...loanFeatures({ purpose: false }),
    ...incomeFeatures({ categories: ['pension', 'transfer_in', 'cash_deposit', 'other_credit'] }),
    ...flowFeatures(),
    ...balanceFeatures(),
    ...overdraftFeatures(),
    ...spendingFeatures({ gambling: false }),
    ...activityFeatures({ counterparties: false }),
    ...standingOrderFeatures(),
    ...accountFeatures(),
    ...cardFeatures(),
    ...districtFeatures(),
  ],
};
