import type { FeatureRow, FraudDefinition, FraudIncome } from '../domain/index.ts';
import type { FraudApplication, LinkCounts } from './links.ts';
import { incomeAboveUsual, type UsualIncome } from './usual-income.ts';

/** One thing that was seen, in words and figures. */
export type FraudSignal = {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  /** Other borrowers, or times the usual. */
  readonly value: number;
  /** What it adds, 0 to 1. */
  readonly evidence: number;
};

/** Application fraud, apart from credit risk: it never enters the pd, the score or their reasons. */
export type FraudAssessment = {
  /** 0 to 1: 1 - product of (1 - evidence); more = more suspicious. No probability. */
  readonly score: number;
  readonly band: 'low' | 'look' | 'high';
  /** Strongest first. */
  readonly signals: readonly FraudSignal[];
};

export const LOOK_SCORE = 0.35;
export const HIGH_SCORE = 0.7;
/** Stated income this many spreads above the usual, or times what was seen, begins to count. */
const INCOME_SPREADS = 1;
const INCOME_TIMES = 1.5;
const MAX_INCOME_EVIDENCE = 0.6;
/** Evidence below it is not told. */
const LEAST_EVIDENCE = 0.01;

/** What an assessment is made from; batch and online fill it alike. */
export type FraudFacts = {
  readonly application: FraudApplication;
  readonly links: LinkCounts;
  readonly usualIncome: UsualIncome | null;
  readonly features?: FeatureRow | undefined;
};

/** What was seen of an application, without the data it was seen in: an assessment follows from it and the definition alone. */
export type FraudSeen = { readonly links: LinkCounts; readonly income: IncomeSeen | null };

/** Stated income as a multiple of what the account received, or of what is usual for applicants alike. */
export type IncomeSeen =
  | { readonly kind: 'account'; readonly times: number }
  | { readonly kind: 'alike'; readonly times: number; readonly spreads: number };

/**
 * Assesses one application by what it shares with others and by its stated income. Each signal is told; the score is their
 * noisy-or.
 */
export function assessFraud(definition: FraudDefinition, facts: FraudFacts): FraudAssessment {
  return assessSeen(definition, seenOf(definition, facts));
}

export function seenOf(definition: FraudDefinition, facts: FraudFacts): FraudSeen {
  return { links: facts.links, income: definition.income ? incomeSeen(definition.income, facts) : null };
}

/** What follows from what was seen, and from nothing else: the part that a replay computes again. */
export function assessSeen(definition: FraudDefinition, { links, income }: FraudSeen): FraudAssessment {
  const signals = [...linkSignals(definition, links), ...(income ? [incomeSignal(income)] : [])]
    .filter(({ evidence }) => evidence >= LEAST_EVIDENCE)
    .sort((a, b) => b.evidence - a.evidence || (a.id < b.id ? -1 : 1));
  const score = 1 - signals.reduce((rest, { evidence }) => rest * (1 - evidence), 1);
  return { score, band: score >= HIGH_SCORE ? 'high' : score >= LOOK_SCORE ? 'look' : 'low', signals };
}

function linkSignals({ links }: FraudDefinition, counts: LinkCounts): FraudSignal[] {
  return links.flatMap(({ id, kind, text, ordinary, weight, most = 1 }) => {
    const value = counts[id] ?? 0;
    const above = value - ordinary;
    return above > 0 ? [{ id, kind, text, value, evidence: Math.min(most, 1 - (1 - weight) ** above) }] : [];
  });
}

function incomeSeen(income: FraudIncome, { application, usualIncome, features }: FraudFacts): IncomeSeen | null {
  const received = income.evidenceFeature === undefined ? null : (features?.[income.evidenceFeature] ?? null);
  const stated = application.columns[income.column];
  if (typeof received === 'number' && received > 0 && typeof stated === 'number') {
    return { kind: 'account', times: stated / received };
  }
  const above = usualIncome && incomeAboveUsual(usualIncome, income, application.columns);
  return above && { kind: 'alike', ...above };
}

function incomeSignal(income: IncomeSeen): FraudSignal {
  if (income.kind === 'account') {
    return {
      id: 'income-not-seen',
      kind: 'income',
      text: 'Stated income is a multiple of the income seen on the account',
      value: income.times,
      evidence: rising((income.times - INCOME_TIMES) / INCOME_TIMES),
    };
  }
  return {
    id: 'income-unusual',
    kind: 'income',
    text: 'Stated income is a multiple of what is usual for applicants alike',
    value: income.times,
    evidence: rising((income.spreads - INCOME_SPREADS) / 4),
  };
}

/** 0 up to nothing, then towards the most that income alone can say. */
function rising(x: number): number {
  return x <= 0 ? 0 : MAX_INCOME_EVIDENCE * (1 - Math.exp(-x));
}
