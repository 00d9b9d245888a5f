import type { CreditPolicy, DecisionOutcome, FeatureRow, FeatureValue, Lever } from '../domain/index.ts';
import type { RevisionOf } from '../features/index.ts';
import type { FraudAssessment } from '../fraud/index.ts';
import { annuity, monthlyRateOf } from './annuity.ts';
import { decisionResult, outcomeWith, policyFacts } from './decide.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { OpenModel } from './model.ts';

/** Counterfactuals shown, and values tried along one lever, two and three. */
const MAX_SHOWN = 3;
const MAX_CHANGES = 3;
const LADDERS: readonly number[] = [16, 6, 4];
const MAX_BISECTIONS = 24;
const ROUNDING_MINOR = 1e-6;

/** A decision as it can be computed again: what was known, and the versions that decided. */
export type Decided = {
  readonly policy: CreditPolicy;
  readonly model: OpenModel;
  readonly columns: Readonly<Record<string, FeatureValue>>;
  readonly features: FeatureRow;
  readonly missing: readonly string[];
  /** As the decision saw it: nothing a borrower moves changes it here. */
  readonly fraud?: FraudAssessment | undefined;
  readonly currency: string;
};

export type Change = { readonly lever: Lever; readonly from: number; readonly to: number };

export type Counterfactual = {
  /** The fewest that suffice, none of which can be left out. */
  readonly changes: readonly Change[];
  /** Columns of the loan application as they would be, those included that follow (the instalment of another amount). */
  readonly columns: Readonly<Record<string, number>>;
  /** What the same scorer and the same credit policy say then. */
  readonly outcome: DecisionOutcome;
  readonly pd: number;
  readonly score: number;
  readonly grade: string;
};

/**
 * The smallest changes, along the levers alone, with which this application would have been approved: one change where one
 * suffices, else two, else three; each as near to what is as the lever's step allows. Every one was scored again by the scorer
 * and the credit policy that decided. Changes of the request come before changes of conduct. None when nothing along the
 * levers leads to approval, when data is missing, or when it was approved.
 * Cost: at most 16 x levers + 36 x pairs + 64 x triples scores, without reasons, and 24 for each change shown.
 */
export function findCounterfactuals(
  decided: Decided,
  levers: readonly Lever[],
  revise: RevisionOf,
): readonly Counterfactual[] {
  const search = openSearch(decided, revise);
  if (decided.missing.length > 0 || search.isApproved([])) return [];
  const movable = levers.flatMap((lever) => movableOf(lever, decided));
  const requests = movable.filter(({ lever }) => lever.kind === 'request');
  const found = [...smallest(search, requests), ...(requests.length < movable.length ? smallest(search, movable) : [])];
  const distinct = new Map(
    found.map((changes) => [changes.map(({ lever, to }) => `${lever.id}=${to}`).join(), changes]),
  );
  return [...distinct.values()].slice(0, MAX_SHOWN).flatMap((changes) => {
    const shown = search.shown(changes);
    return shown.outcome === 'approved' ? [shown] : [];
  });
}

/** A lever with where it stands and the values along it, nearest first; all are whole steps. */
type Movable = { readonly lever: Lever; readonly from: number; readonly values: (count: number) => number[] };

type Search = {
  readonly isApproved: (changes: readonly Change[]) => boolean;
  readonly shown: (changes: readonly Change[]) => Counterfactual;
};

function openSearch(decided: Decided, revise: RevisionOf): Search {
  const { model, policy, missing, fraud, currency } = decided;
  const revised = (changes: readonly Change[]) => {
    const columns = revisedColumns(decided.columns, changes);
    const features = revise(decided.features, { columns, features: revisedFeatures(decided.features, changes) });
    return { columns, features, application: { columns: { ...decided.columns, ...columns } } };
  };
  return {
    isApproved: (changes) => {
      const { features, application } = revised(changes);
      const score = model.scorer.score(features, { reasons: false });
      return (
        outcomeWith(
          evaluatePolicy(policy, policyFacts(policy, { ...score, application, features, fraud })).outcome,
          missing,
        ) === 'approved'
      );
    },
    shown: (changes) => {
      const { columns, features, application } = revised(changes);
      const { outcome, pd, score, grade } = decisionResult({
        ...{ policy, model, application, features, missing, fraud, currency },
      });
      return { changes, columns, outcome, pd, score, grade };
    },
  };
}

function movableOf(lever: Lever, { columns, features }: Decided): Movable[] {
  const from = 'column' in lever.on ? columns[lever.on.column] : features[lever.on.feature];
  if (typeof from !== 'number') return [];
  const { step, direction } = lever;
  const nearest = direction === 'lower' ? Math.ceil(from / step) - 1 : Math.floor(from / step) + 1;
  const last = direction === 'lower' ? Math.ceil(lever.limit / step) : Math.floor(lever.limit / step);
  const span = direction === 'lower' ? nearest - last : last - nearest;
  if (span < 0) return [];
  const sign = direction === 'lower' ? -1 : 1;
  const values = (count: number): number[] => {
    const rungs = Math.min(count, span + 1);
    const at = (rung: number): number => Math.round(rungs === 1 ? span : (rung * span) / (rungs - 1));
    return Array.from({ length: rungs }, (_, rung) => (nearest + sign * at(rung)) * step);
  };
  return [{ lever, from, values }];
}

/** All smallest sets of changes of the smallest size at which any is enough, nearest first. */
function smallest(search: Search, movable: readonly Movable[]): readonly (readonly Change[])[] {
  for (let size = 1; size <= Math.min(MAX_CHANGES, movable.length); size++) {
    const found = subsets(movable, size).flatMap((subset) => {
      const changes = firstApproved(search, subset, LADDERS[size - 1]!);
      return changes ? [nearer(search, changes)] : [];
    });
    if (found.length > 0) return found.sort((a, b) => distance(a) - distance(b));
  }
  return [];
}

/** Subsets in which no two levers move the same thing. */
function subsets(movable: readonly Movable[], size: number): (readonly Movable[])[] {
  if (size === 0) return [[]];
  return movable.flatMap((first, i) =>
    subsets(movable.slice(i + 1), size - 1)
      .filter((rest) => rest.every(({ lever }) => targetOf(lever) !== targetOf(first.lever)))
      .map((rest) => [first, ...rest]),
  );
}

const targetOf = ({ on }: Lever): string => ('column' in on ? `column ${on.column}` : `feature ${on.feature}`);

function firstApproved(search: Search, subset: readonly Movable[], rungs: number): readonly Change[] | undefined {
  const ladders = subset.map(({ lever, from, values }) => values(rungs).map((to) => ({ lever, from, to })));
  const combinations = ladders.reduce<readonly (readonly Change[])[]>(
    (before, ladder) => before.flatMap((changes) => ladder.map((change) => [...changes, change])),
    [[]],
  );
  return [...combinations].sort((a, b) => distance(a) - distance(b)).find((changes) => search.isApproved(changes));
}

/** Moves each change back towards what is, by halves of the steps between, as long as the outcome stays. */
function nearer(search: Search, found: readonly Change[]): readonly Change[] {
  let changes = found;
  for (let i = 0; i < changes.length; i++) {
    const { lever, from } = changes[i]!;
    const withTo = (to: number): Change[] => changes.map((change, at) => (at === i ? { ...change, to } : change));
    let enough = Math.round(changes[i]!.to / lever.step);
    let tooLittle = lever.direction === 'lower' ? Math.ceil(from / lever.step) : Math.floor(from / lever.step);
    for (let halving = 0; halving < MAX_BISECTIONS && Math.abs(enough - tooLittle) > 1; halving++) {
      const middle = Math.trunc((enough + tooLittle) / 2);
      if (search.isApproved(withTo(middle * lever.step))) enough = middle;
      else tooLittle = middle;
    }
    changes = withTo(enough * lever.step);
  }
  return changes;
}

/** How far changes go, each as a share of the way to its lever's limit. */
function distance(changes: readonly Change[]): number {
  const share = ({ lever, from, to }: Change): number =>
    Math.abs(to - from) / Math.max(Math.abs(lever.limit - from), 1e-12);
  return changes.reduce((sum, change) => sum + share(change), 0);
}

/** Changed columns; another amount or term has another instalment, at the rate that the one asked for implies. */
function revisedColumns(columns: Decided['columns'], changes: readonly Change[]): Record<string, number> {
  const revised: Record<string, number> = {};
  for (const { lever, to } of changes) if ('column' in lever.on) revised[lever.on.column] = to;
  const instalment = instalmentAfter(columns, revised);
  return instalment === undefined ? revised : { ...revised, instalment_minor: instalment };
}

function instalmentAfter(columns: Decided['columns'], revised: Readonly<Record<string, number>>): number | undefined {
  const [amount, months, instalment] = ['amount_minor', 'term_months', 'instalment_minor'].map((name) => columns[name]);
  const isOther = 'amount_minor' in revised || 'term_months' in revised;
  if (!isOther || typeof amount !== 'number' || typeof months !== 'number' || typeof instalment !== 'number')
    return undefined;
  const rate = monthlyRateOf(amount, months, instalment);
  // up to the next minor unit, but not for the last bits of a bisection
  return Math.ceil(
    -ROUNDING_MINOR + annuity(revised['amount_minor'] ?? amount, revised['term_months'] ?? months, rate),
  );
}

function revisedFeatures(features: FeatureRow, changes: readonly Change[]): Record<string, number> {
  const revised: Record<string, number> = {};
  for (const { lever, from, to } of changes) {
    if (!('feature' in lever.on)) continue;
    revised[lever.on.feature] = to;
    for (const name of lever.also ?? []) {
      const value = features[name];
      if (typeof value === 'number') revised[name] = value + (to - from);
    }
  }
  return revised;
}
