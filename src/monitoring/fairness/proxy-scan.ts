import type { Column, Frame, Interval } from '../../domain/index.ts';
import { aucInterval } from '../../training/index.ts';
import { linearDesign } from './linear-design.ts';
import { outOfFoldMargins } from './out-of-fold.ts';

/** A feature is told as a proxy when the lower end of its AUC for the trait is above this. */
export const PROXY_AUC = 0.6;
const MIN_MEMBERS = 30;

export type ProxyFeature = {
  readonly feature: string;
  /** Of the trait from the feature alone, in the direction in which it tells more. */
  readonly auc: Interval;
  readonly isProxy: boolean;
};

export type ProxyScan = {
  readonly group: string;
  readonly members: number;
  readonly proxies: readonly ProxyFeature[];
  /** Of the trait from all features together, out of fold; null when the group is too small. */
  readonly together: Interval | null;
};

/**
 * How well features tell who belongs to a group: the AUC of membership from each feature (out-of-fold rate by category, and a
 * missing value as a category of its own), and from all of them by a logistic regression. Strongest first.
 */
export async function scanProxies(
  frame: Frame,
  membership: {
    readonly group: string;
    readonly isMember: Uint8Array;
    readonly fold: ArrayLike<number>;
    readonly folds: number;
  },
  signal?: AbortSignal,
): Promise<ProxyScan> {
  const { group, isMember, fold, folds } = membership;
  const members = isMember.reduce((sum, value) => sum + value, 0);
  if (members < MIN_MEMBERS || frame.rowCount - members < MIN_MEMBERS)
    return { group, members, proxies: [], together: null };
  const target = { target: isMember, fold, folds };
  const margins = await outOfFoldMargins(linearDesign(frame), target, signal);
  return {
    group,
    members,
    proxies: proxiesOf(frame, membership),
    together: aucInterval({ scores: margins, target: isMember }),
  };
}

/** How well each feature by itself tells who belongs to a group, strongest first; none when the group or the rest is too small. */
export function proxiesOf(frame: Frame, membership: Membership & { readonly group: string }): ProxyFeature[] {
  const members = membership.isMember.reduce((sum, value) => sum + value, 0);
  if (members < MIN_MEMBERS || frame.rowCount - members < MIN_MEMBERS) return [];
  const proxies = frame.columns.map((column) => proxyOf(column, membership));
  return proxies.sort((a, b) => b.auc.value - a.auc.value || (a.feature < b.feature ? -1 : 1));
}

type Membership = { readonly isMember: Uint8Array; readonly fold: ArrayLike<number>; readonly folds: number };

function proxyOf(column: Column, membership: Membership): ProxyFeature {
  const { isMember } = membership;
  const scores =
    column.kind === 'categorical' ? rateByLevel(column.codes, membership) : numbersOf(column.values, membership);
  const found = aucInterval({ scores, target: isMember });
  const auc = found.value >= 0.5 ? found : { value: 1 - found.value, lower: 1 - found.upper, upper: 1 - found.lower };
  return { feature: column.name, auc, isProxy: auc.lower > PROXY_AUC };
}

/** Share of members by category, of the rows outside the fold; categories unseen there get the overall share. */
function rateByLevel(codes: Int32Array, { isMember, fold, folds }: Membership): Float64Array {
  const rates = new Float64Array(codes.length);
  for (let left = 0; left < folds; left++) {
    const counts = new Map<number, [number, number]>();
    let [members, rows] = [0, 0];
    codes.forEach((code, row) => {
      if (fold[row] === left) return;
      const [inLevel, ofLevel] = counts.get(code) ?? [0, 0];
      counts.set(code, [inLevel + isMember[row]!, ofLevel + 1]);
      members += isMember[row]!;
      rows++;
    });
    codes.forEach((code, row) => {
      if (fold[row] !== left) return;
      const [inLevel, ofLevel] = counts.get(code) ?? [members, rows];
      rates[row] = inLevel / ofLevel;
    });
  }
  return rates;
}

/** The number itself where it is known; what is missing stands where its rows' share of members would place it: first or last. */
function numbersOf(values: Float64Array, { isMember }: Membership): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === values.length) return values;
  let [missingMembers, missing, members] = [0, 0, 0];
  values.forEach((value, row) => {
    members += isMember[row]!;
    if (!Number.isNaN(value)) return;
    missing++;
    missingMembers += isMember[row]!;
  });
  const isHigh = missingMembers / missing > members / values.length;
  let [lowest, highest] = [0, 0];
  for (const value of known) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  const place = isHigh ? highest + 1 : lowest - 1;
  return values.map((value) => (Number.isNaN(value) ? place : value));
}
