import { partBelow, plus, type Ranking, type Tally } from './ranking.ts';
import type { ThreeWay, ThreeWayTally } from './review-share.ts';

/**
 * What reviewers are assumed to be worth, the parameter the review claim hangs on.
 *
 * perfect    they know the outcome: every good applicant approved, every bad one declined
 * incumbent  they see no more than the incumbent rule: they approve the safer half of what is referred, by its order
 * coin       they approve half, whoever it is
 */
export const REVIEWERS = ['perfect', 'incumbent', 'coin'] as const;
export type Reviewers = (typeof REVIEWERS)[number];

/** Share of the referred that reviewers without knowledge of the outcome approve. */
export const REVIEW_APPROVAL_SHARE = 0.5;

/** Whose file is referred, under a policy on one order, and how reviewers would order it. */
export type ReferredFiles = {
  readonly policy: ThreeWay;
  readonly ranking: Ranking;
  readonly incumbentOrder: Uint32Array;
  readonly weights: Uint16Array;
  readonly bad: ArrayLike<number>;
};

/** Approved after review: by the policy alone, and by the reviewers out of the referred. */
export function bookAfterReview(reviewers: Reviewers, tally: ThreeWayTally, files: ReferredFiles): Tally {
  const { approved, referred } = tally;
  switch (reviewers) {
    case 'perfect':
      return plus(approved, { rows: referred.rows - referred.bads, bads: 0 });
    case 'coin':
      return plus(approved, {
        rows: REVIEW_APPROVAL_SHARE * referred.rows,
        bads: REVIEW_APPROVAL_SHARE * referred.bads,
      });
    case 'incumbent':
      return plus(approved, saferPart(files, REVIEW_APPROVAL_SHARE * referred.rows));
  }
}

/** The safest `wanted` referred applicants by the incumbent's order. */
function saferPart({ policy, ranking, incumbentOrder, weights, bad }: ReferredFiles, wanted: number): Tally {
  let [rows, bads] = [0, 0];
  for (const row of incumbentOrder) {
    if (rows >= wanted) break;
    const group = ranking.groupOf[row]!;
    const part = Math.max(0, partBelow(group, policy.decline) - partBelow(group, policy.approve));
    const taken = Math.min(wanted - rows, part * weights[row]!);
    rows += taken;
    bads += taken * bad[row]!;
  }
  return { rows, bads };
}

/** Reviewers right with probability q about every file: 0.5 is a coin, 1 is perfect. */
export function bookAtAccuracy({ approved, referred }: ThreeWayTally, q: number): Tally {
  const goods = referred.rows - referred.bads;
  const bads = (1 - q) * referred.bads;
  return { rows: approved.rows + q * goods + bads, bads: approved.bads + bads };
}

const STEPS = 40;

/**
 * The accuracy of reviewers at which the book after the change is as risky as the book before: below it the change lowers risk
 * (or leaves it), above it referring less costs more than it saves. NaN when there is no such point between a coin and perfect.
 */
export function breakEvenAccuracy(before: ThreeWayTally, after: ThreeWayTally): number {
  const excess = (q: number): number => {
    const [old, changed] = [bookAtAccuracy(before, q), bookAtAccuracy(after, q)];
    return changed.bads / changed.rows - old.bads / old.rows;
  };
  let [low, high] = [0.5, 1];
  if (!(excess(low) <= 0 && excess(high) > 0)) return Number.NaN;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) <= 0) low = middle;
    else high = middle;
  }
  return low;
}
