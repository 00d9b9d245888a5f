import type { FeatureValue } from '../domain/index.ts';
import type { LoanApplication } from './application.ts';

/** What one source outside gave for a decision, or why it gave nothing: part of the decision's record. */
export type ExternalAnswer = {
  readonly source: string;
  readonly mandatory: boolean;
  /** `no_file`: it answered that it knows nothing of this borrower. */
  readonly status: 'received' | 'no_file' | 'failed';
  readonly failure: string | null;
  /** ISO 8601, UTC. What was received is known from `answeredAt` on. */
  readonly askedAt: string;
  readonly answeredAt: string;
  readonly attempts: number;
  readonly rows: readonly Readonly<Record<string, FeatureValue | boolean>>[];
};

/**
 * Sources outside that are asked while a decision waits, each within its deadline. A source that fails is a value, not an
 * error. What was received is known to the features of this decision and of later ones.
 */
export interface ExternalData {
  ask(application: LoanApplication): Promise<readonly ExternalAnswer[]>;
}

/** Names of the mandatory sources that gave nothing: such an application is referred, never approved. */
export function missingSources(answers: readonly ExternalAnswer[]): string[] {
  return answers.filter(({ mandatory, status }) => mandatory && status !== 'received').map(({ source }) => source);
}
