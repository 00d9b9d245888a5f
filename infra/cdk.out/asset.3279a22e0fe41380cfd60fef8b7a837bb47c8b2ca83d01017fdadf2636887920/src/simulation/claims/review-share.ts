import type { ThreeWayShares } from '../../domain/index.ts';
import {
  badRate,
  type Cut,
  cutAtShare,
  type GroupCounts,
  minus,
  type Tally,
  tallyAbove,
  tallyAll,
  tallyBelow,
} from './ranking.ts';

/** A three-way policy on one order of risk: approved below the first threshold, declined above the second. */
export type ThreeWay = { readonly approve: Cut; readonly decline: Cut };

export type ReviewForm = 'loose' | 'strict';

/** Share of applicants in one slice, when decisions are compared slice by slice. */
export const SLICE = 0.05;

export function threeWayAtShares(counts: GroupCounts, { approved, declined }: ThreeWayShares): ThreeWay {
  return { approve: cutAtShare(counts, approved), decline: cutAtShare(counts, 1 - declined) };
}

/**
 * Claim 2, thresholds: how far the model may decide alone, from the setting half.
 *
 * loose   approve the largest safest share whose bad rate is at most that of the incumbent's auto-approved book;
 *         decline the largest riskiest share whose bad rate is at least that of the incumbent's auto-declined
 * strict  starting from the incumbent's own shares, slice by slice of 5 % of the applicants: approve a further slice only while
 *         its own bad rate is at most that of the last slice the incumbent approves; decline likewise against the mildest
 *         slice the incumbent declines
 */
export function modelThreeWay(
  form: ReviewForm,
  model: GroupCounts,
  incumbent: GroupCounts,
  shares: ThreeWayShares,
): ThreeWay {
  return form === 'loose' ? looseThreeWay(model, incumbent, shares) : strictThreeWay(model, incumbent, shares);
}

function looseThreeWay(model: GroupCounts, incumbent: GroupCounts, shares: ThreeWayShares): ThreeWay {
  const own = threeWayAtShares(incumbent, shares);
  const approvedRate = badRate(tallyBelow(incumbent, own.approve));
  const declinedRate = badRate(tallyAbove(incumbent, own.decline));
  const approve = largestSafePrefix(model, approvedRate);
  return { approve, decline: laterOf(approve, largestRiskySuffix(model, declinedRate)) };
}

/** The last group up to which all applicants together default at most at `rate`. */
function largestSafePrefix({ rowsBelow, badsBelow }: GroupCounts, rate: number): Cut {
  for (let group = rowsBelow.length - 1; group > 0; group--) {
    if (badsBelow[group]! <= rate * rowsBelow[group]!) return { group, part: 0 };
  }
  return { group: 0, part: 0 };
}

/** The first group from which on all applicants together default at least at `rate`. */
function largestRiskySuffix({ rowsBelow, badsBelow }: GroupCounts, rate: number): Cut {
  const last = rowsBelow.length - 1;
  for (let group = 0; group < last; group++) {
    if (badsBelow[last]! - badsBelow[group]! >= rate * (rowsBelow[last]! - rowsBelow[group]!))
      return { group, part: 0 };
  }
  return { group: last, part: 0 };
}

/** Nobody is both approved and declined: where the two would meet, approval ends and declining begins. */
function laterOf(approve: Cut, decline: Cut): Cut {
  const isLater = decline.group > approve.group || (decline.group === approve.group && decline.part >= approve.part);
  return isLater ? decline : approve;
}

function strictThreeWay(model: GroupCounts, incumbent: GroupCounts, shares: ThreeWayShares): ThreeWay {
  const worstApproved = sliceRate(incumbent, shares.approved - SLICE, shares.approved);
  const mildestDeclined = sliceRate(incumbent, 1 - shares.declined, 1 - shares.declined + SLICE);
  let approved = shares.approved;
  while (approved + SLICE <= 1 - shares.declined && sliceRate(model, approved, approved + SLICE) <= worstApproved)
    approved += SLICE;
  let declined = shares.declined;
  while (declined + SLICE <= 1 - approved && sliceRate(model, 1 - declined - SLICE, 1 - declined) >= mildestDeclined)
    declined += SLICE;
  return threeWayAtShares(model, { approved, declined });
}

function sliceRate(counts: GroupCounts, from: number, to: number): number {
  const [low, high] = [Math.max(0, from), Math.min(1, to)].map((share) =>
    tallyBelow(counts, cutAtShare(counts, share)),
  );
  return badRate({ rows: high!.rows - low!.rows, bads: high!.bads - low!.bads });
}

/** The three parts of the judged half. */
export type ThreeWayTally = { readonly approved: Tally; readonly referred: Tally; readonly declined: Tally };

export function tallyThreeWay(counts: GroupCounts, { approve, decline }: ThreeWay): ThreeWayTally {
  const approved = tallyBelow(counts, approve);
  const declined = tallyAbove(counts, decline);
  const referred = minus(minus(tallyAll(counts), approved), declined);
  return {
    approved,
    declined,
    referred: { rows: Math.max(0, referred.rows), bads: Math.max(0, referred.bads) },
  };
}
