import type { Calibration } from '../../domain/index.ts';

/** Groups of equal count the margins are first put in: bounds the knots, and a step of a few rows cannot arise. */
const MAX_GROUPS = 200;
const MIN_GROUP_ROWS = 50;

type Block = { weight: number; defaults: number; marginSum: number };

/**
 * Isotonic calibration: default rates by groups of the margin, made non-decreasing by pooling adjacent violators, then
 * joined by straight lines between the groups' mean margins. Pds are kept inside (0, 1) by half a default in the group.
 * Source: Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability estimates.
 */
export function fitIsotonic(
  margins: Float64Array,
  target: Uint8Array,
  weights?: Float64Array,
): Extract<Calibration, { kind: 'isotonic' }> {
  const blocks = poolAdjacentViolators(groupByMargin(margins, target, weights));
  const first = blocks[0]!;
  const last = blocks.at(-1)!;
  const floor = 0.5 / (first.weight + 1);
  const ceiling = 1 - 0.5 / (last.weight + 1);
  return {
    kind: 'isotonic',
    margins: blocks.map((block) => block.marginSum / block.weight),
    pds: blocks.map((block) => Math.min(ceiling, Math.max(floor, block.defaults / block.weight))),
  };
}

/** Groups of about equal count in order of margin; equal margins never part. */
function groupByMargin(margins: Float64Array, target: Uint8Array, weights?: Float64Array): Block[] {
  const order = Uint32Array.from(margins, (_, i) => i).sort((a, b) => margins[a]! - margins[b]!);
  const groupCount = Math.max(2, Math.min(MAX_GROUPS, Math.floor(margins.length / MIN_GROUP_ROWS)));
  const size = margins.length / groupCount;
  const groups: Block[] = [];
  let current: Block = { weight: 0, defaults: 0, marginSum: 0 };
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const isFull = i >= size * (groups.length + 1);
    if (isFull && current.weight > 0 && margins[row]! > margins[order[i - 1]!]!) {
      groups.push(current);
      current = { weight: 0, defaults: 0, marginSum: 0 };
    }
    const weight = weights ? weights[row]! : 1;
    current.weight += weight;
    current.defaults += weight * target[row]!;
    current.marginSum += weight * margins[row]!;
  }
  if (current.weight > 0) groups.push(current);
  return groups;
}

function poolAdjacentViolators(groups: readonly Block[]): Block[] {
  const pooled: Block[] = [];
  for (const group of groups) {
    let block = { ...group };
    for (let previous = pooled.at(-1); previous && rateOf(previous) >= rateOf(block); previous = pooled.at(-1)) {
      pooled.pop();
      block = {
        weight: previous.weight + block.weight,
        defaults: previous.defaults + block.defaults,
        marginSum: previous.marginSum + block.marginSum,
      };
    }
    pooled.push(block);
  }
  return pooled;
}

function rateOf(block: Block): number {
  return block.defaults / block.weight;
}
