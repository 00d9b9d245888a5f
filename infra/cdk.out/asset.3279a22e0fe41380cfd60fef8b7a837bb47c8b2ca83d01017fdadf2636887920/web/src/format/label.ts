import type { OutcomeDto, Role } from '../contract.ts';

export const OUTCOME_LABELS: Readonly<Record<OutcomeDto, string>> = {
  approved: 'Approved',
  referred: 'Referred',
  counter_offer: 'Counter-offer',
  declined: 'Declined',
};
export const OUTCOMES: readonly OutcomeDto[] = ['approved', 'counter_offer', 'referred', 'declined'];

export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  modeller: 'Modeller',
  validator: 'Validator',
  underwriter: 'Underwriter',
  portfolio_manager: 'Portfolio manager',
  compliance: 'Compliance',
  data_engineer: 'Data engineer',
  admin: 'Administrator',
};

export const ESTIMATOR_LABELS = {
  scorecard: 'Scorecard',
  logistic: 'Logistic regression',
  forest: 'Random forest',
  boosted: 'Boosted trees',
} as const;

/** "out_of_time" -> "Out of time"; "BuildMarts" -> "Build marts" */
export function toWords(identifier: string): string {
  const words = identifier
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replaceAll(/[_-]+/g, ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
