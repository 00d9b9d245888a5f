import type { EmploymentStatus } from './person.ts';

export type IncumbentFacts = {
  /** Income a month as the applicant stated it, minor units (euro cents). */
  readonly declaredIncomeMinor: number;
  /** Transactions that left the account overdrawn in the 90 days before the application. */
  readonly overdrawnEvents90d: number;
  /** Days since the first account with the bank was opened. */
  readonly relationshipDays: number;
  readonly employmentStatus: EmploymentStatus;
};

/** Below this many points the simulated bank declines today. */
export const INCUMBENT_CUT_OFF = 60;

/**
 * What the simulated bank does today: 0 to 100 points from four facts, nothing learned from data.
 * Stated income: under 1,200 euro 0, under 2,000 10, under 3,000 20, else 30. Overdrawn in 90 days: never 30, up to twice
 * 15, more 0. Customer for: under a year 0, under three 10, longer 20. Work: public service 20, employed or retired 15,
 * self-employed 10, else 0. Approved from 60 points.
 * @example incumbentScore({ declaredIncomeMinor: 250_000, overdrawnEvents90d: 0, relationshipDays: 900, employmentStatus: 'employed' }) // 75
 */
export function incumbentScore(facts: IncumbentFacts): number {
  return (
    incomePoints(facts.declaredIncomeMinor) +
    overdraftPoints(facts.overdrawnEvents90d) +
    relationshipPoints(facts.relationshipDays) +
    WORK_POINTS[facts.employmentStatus]
  );
}

const WORK_POINTS: Readonly<Record<EmploymentStatus, number>> = {
  public_service: 20,
  employed: 15,
  retired: 15,
  self_employed: 10,
  student: 0,
  unemployed: 0,
};

function incomePoints(incomeMinor: number): number {
  if (incomeMinor < 120_000) return 0;
  if (incomeMinor < 200_000) return 10;
  return incomeMinor < 300_000 ? 20 : 30;
}

function overdraftPoints(events: number): number {
  if (events === 0) return 30;
  return events <= 2 ? 15 : 0;
}

function relationshipPoints(days: number): number {
  if (days < 365) return 0;
  return days < 3 * 365 ? 10 : 20;
}
