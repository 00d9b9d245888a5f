import type { Frame, Interval } from '../../domain/index.ts';
import { adverseImpactRatio, aucInterval, MINIMUM_GROUP_SIZE } from '../../training/index.ts';
import { type LinearDesign, linearDesign } from './linear-design.ts';
import { outOfFoldMargins } from './out-of-fold.ts';
import type { ProxyFeature } from './proxy-scan.ts';

/** Steps of damping, and proxies left out one after another: more candidates than anyone must show, few enough to compute. */
const DAMPING_STEPS = 64;
const LEAST_DAMPING = 3e-3;
const MAX_LEFT_OUT = 16;
/** Features a search works with, the most important first: linear models gain little beyond. */
export const SEARCH_FEATURES = 40;

export type Candidate = {
  readonly id: string;
  readonly kind: 'as_is' | 'features_left_out' | 'damped';
  /** What was done, in words. */
  readonly what: string;
  /** Whether fitting it looked at the trait. Leaving a feature out does not. */
  readonly usesTraitInFitting: boolean;
  readonly auc: Interval;
  /** Lowest adverse impact ratio of the groups that are large enough, at the same share of approvals. */
  readonly adverseImpactRatio: Interval | null;
  readonly group: string | null;
  /** No other candidate is at least as good in both and better in one. */
  readonly onFrontier: boolean;
};

export type SearchData = {
  readonly frame: Frame;
  /** 1 = defaulted. */
  readonly target: Uint8Array;
  /** Group of each row; '' = not known. */
  readonly groups: readonly string[];
  readonly reference: string;
  readonly fold: ArrayLike<number>;
  readonly folds: number;
  /** Share approved, 0 to 1: the safest so many. */
  readonly approvedShare: number;
  /** Strongest proxies first. */
  readonly proxies: readonly ProxyFeature[];
};

/**
 * Less discriminatory alternatives of a linear model, every candidate kept: proxies left out one after another, strongest
 * first; and the direction in which the features tell the trait damped step by step. Damping by s is a ridge that costs 1/s^2
 * as much along that direction as across it: X (I - (1 - s) c c'), c the unit covariance of the columns with membership.
 * All are judged out of fold: AUC, and the adverse impact ratio at the same share of approvals.
 * @throws AssayError cancelled when the signal fires
 */
export async function searchAlternatives(
  data: SearchData,
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<Candidate[]> {
  const design = linearDesign(data.frame);
  const plans = [asIs(design), ...leftOut(design, data), ...damped(design, data)];
  const found: Omit<Candidate, 'onFrontier'>[] = [];
  for (const { columns, ...plan } of plans) {
    const margins = await outOfFoldMargins(columns, data, options.signal);
    found.push({ ...plan, ...judge(margins, data) });
    options.onProgress?.(found.length, plans.length);
  }
  return found.map((candidate) => ({ ...candidate, onFrontier: !found.some((other) => dominates(other, candidate)) }));
}

type Plan = Pick<Candidate, 'id' | 'kind' | 'what' | 'usesTraitInFitting'> & { readonly columns: LinearDesign };

function asIs(columns: LinearDesign): Plan {
  return { id: 'as-is', kind: 'as_is', what: 'every feature, nothing damped', usesTraitInFitting: false, columns };
}

function leftOut(design: LinearDesign, { proxies }: SearchData): Plan[] {
  const names = proxies.map(({ feature }) => feature).filter((feature) => design.features.includes(feature));
  const count = Math.min(MAX_LEFT_OUT, names.length - 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const out = names.slice(0, i + 1);
    return {
      id: `without-${i + 1}`,
      kind: 'features_left_out',
      what: `without ${out.join(', ')}`,
      usesTraitInFitting: false,
      columns: without(design, new Set(out)),
    };
  });
}

function without(design: LinearDesign, out: ReadonlySet<string>): LinearDesign {
  const kept = design.features.flatMap((feature, i) => (out.has(feature) ? [] : [i]));
  return {
    rowCount: design.rowCount,
    columns: kept.map((i) => design.columns[i]!),
    features: kept.map((i) => design.features[i]!),
  };
}

function damped(design: LinearDesign, data: SearchData): Plan[] {
  const direction = traitDirection(design, data);
  if (!direction) return [];
  const along = projection(design, direction);
  return Array.from({ length: DAMPING_STEPS }, (_, i) => {
    const share = LEAST_DAMPING ** ((i + 1) / DAMPING_STEPS);
    return {
      id: `damped-${i + 1}`,
      kind: 'damped',
      what: `the direction that tells the trait counts ${share.toPrecision(2)} of itself`,
      usesTraitInFitting: true,
      columns: {
        ...design,
        columns: design.columns.map((column, j) =>
          column.map((value, row) => value - (1 - share) * along[row]! * direction[j]!),
        ),
      },
    };
  });
}

/** Unit covariance of the columns with not being of the reference group; null when nothing tells it. */
function traitDirection({ columns }: LinearDesign, { groups, reference }: SearchData): Float64Array | null {
  const known = groups.map((group) => (group === '' ? Number.NaN : group === reference ? 0 : 1));
  const members = known.filter((value) => !Number.isNaN(value));
  const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
  const covariances = Float64Array.from(columns, (column) =>
    known.reduce((sum, value, row) => (Number.isNaN(value) ? sum : sum + (value - mean) * column[row]!), 0),
  );
  const length = Math.hypot(...covariances);
  return length > 0 ? covariances.map((value) => value / length) : null;
}

function projection({ columns, rowCount }: LinearDesign, direction: Float64Array): Float64Array {
  const along = new Float64Array(rowCount);
  columns.forEach((column, j) => {
    for (let row = 0; row < rowCount; row++) along[row]! += column[row]! * direction[j]!;
  });
  return along;
}

function judge(margins: Float64Array, data: SearchData): Pick<Candidate, 'auc' | 'adverseImpactRatio' | 'group'> {
  const auc = aucInterval({ scores: margins, target: data.target });
  const approved = safest(margins, data.approvedShare);
  const counts = new Map<string, { approved: number; count: number }>();
  data.groups.forEach((group, row) => {
    const before = counts.get(group) ?? { approved: 0, count: 0 };
    counts.set(group, { approved: before.approved + approved[row]!, count: before.count + 1 });
  });
  const reference = counts.get(data.reference);
  let [worst, worstGroup]: [Interval | null, string | null] = [null, null];
  for (const [group, approvals] of counts) {
    if (group === '' || group === data.reference || approvals.count < MINIMUM_GROUP_SIZE || !reference) continue;
    const ratio = adverseImpactRatio(approvals, reference);
    if (ratio && (!worst || ratio.value < worst.value)) [worst, worstGroup] = [ratio, group];
  }
  return { auc, adverseImpactRatio: worst, group: worstGroup };
}

/** 1 for the safest share of the rows; ties in row order. */
export function safest(margins: Float64Array, share: number): Uint8Array {
  const order = Uint32Array.from(margins, (_, row) => row).sort((a, b) => margins[a]! - margins[b]! || a - b);
  const approved = new Uint8Array(margins.length);
  for (const row of order.subarray(0, Math.round(share * margins.length))) approved[row] = 1;
  return approved;
}

function dominates(other: Omit<Candidate, 'onFrontier'>, candidate: Omit<Candidate, 'onFrontier'>): boolean {
  const [air, otherAir] = [candidate.adverseImpactRatio?.value ?? 0, other.adverseImpactRatio?.value ?? 0];
  const [auc, otherAuc] = [candidate.auc.value, other.auc.value];
  return otherAuc >= auc && otherAir >= air && (otherAuc > auc || otherAir > air);
}
