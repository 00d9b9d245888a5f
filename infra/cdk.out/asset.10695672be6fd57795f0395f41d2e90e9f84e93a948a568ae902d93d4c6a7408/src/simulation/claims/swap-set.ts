import { badRate, type Cut, partBelow, type Ranking, type Tally } from './ranking.ts';

/** Who is decided otherwise when the model takes over at equal approvals. */
export type SwapSet = {
  readonly both: Tally;
  /** Approved by the model, declined by the incumbent. */
  readonly swappedIn: Tally;
  /** Declined by the model, approved by the incumbent. */
  readonly swappedOut: Tally;
  readonly neither: Tally;
};

export type SwapSide = { readonly ranking: Ranking; readonly cut: Cut };

export function swapSet(
  model: SwapSide,
  incumbent: SwapSide,
  { weights, bad }: { readonly weights: Uint16Array; readonly bad: ArrayLike<number> },
): SwapSet {
  const rows = [0, 0, 0, 0];
  const bads = [0, 0, 0, 0];
  for (let row = 0; row < weights.length; row++) {
    const byModel = partBelow(model.ranking.groupOf[row]!, model.cut);
    const byIncumbent = partBelow(incumbent.ranking.groupOf[row]!, incumbent.cut);
    const parts = [
      byModel * byIncumbent,
      byModel * (1 - byIncumbent),
      (1 - byModel) * byIncumbent,
      (1 - byModel) * (1 - byIncumbent),
    ];
    parts.forEach((part, cell) => {
      rows[cell]! += part * weights[row]!;
      bads[cell]! += part * weights[row]! * bad[row]!;
    });
  }
  const cell = (index: number): Tally => ({ rows: rows[index]!, bads: bads[index]! });
  return { both: cell(0), swappedIn: cell(1), swappedOut: cell(2), neither: cell(3) };
}

/**
 * How many times more often than measured the swapped-in applicants may default before the cut is gone: at equal approvals the
 * books differ only in the swap set, so it is the ratio of the two bad rates. NaN without defaults among the swapped-in.
 */
export function breakEvenFactor({ swappedIn, swappedOut }: SwapSet): number {
  return badRate(swappedOut) / badRate(swappedIn);
}
