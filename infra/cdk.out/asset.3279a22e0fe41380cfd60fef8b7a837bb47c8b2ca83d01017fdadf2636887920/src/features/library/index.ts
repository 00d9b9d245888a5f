export { balanceFeatures, overdraftFeatures } from './balance-features.ts';
export { accountFeatures, borrowerFeatures, cardFeatures, districtFeatures } from './borrower-features.ts';
export * as define from './builders.ts';
export { activityFeatures, flowFeatures, incomeFeatures, spendingFeatures } from './cash-flow-features.ts';
export { loanFeatures, loanRecordFeatures, standingOrderFeatures } from './obligation-features.ts';
