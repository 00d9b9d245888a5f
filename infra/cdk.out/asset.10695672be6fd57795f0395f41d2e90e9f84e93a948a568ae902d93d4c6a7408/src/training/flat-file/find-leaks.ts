import type { Column } from '../../domain/index.ts';
import { aucOfCounts } from '../measures/index.ts';
import type { FileWarning } from './warnings.ts';

export type FeatureSignal = {
  readonly feature: string;
  /** AUC of the feature alone, the better way round; categories ordered by their default rate. Missing is a value of its own. */
  readonly auc: number;
  /** It says the same as the target, one value for one outcome. */
  readonly isCopy: boolean;
  readonly warning: FileWarning | null;
};

const LEAK_AUC = 0.99;
/** A tail this pure and this large is not found before the outcome is known. */
const PURE_RATE = 0.99;
const MIN_PURE_ROWS = 50;
const MIN_PURE_SHARE = 0.002;
/** A tail without a default where chance would give this many. */
const EXPECTED_DEFAULTS = 100;
const KNOWN_AFTERWARDS =
  /recover|charge.?off|charged|write.?off|collection|settle|total_?(rec|pymnt|paid|payment)|last_?(pymnt|payment|fico|credit_pull)|next_?(pymnt|payment)|out_?prncp|late_?fee|default(ed)?_?(date|on|at|time)|days_?past_?due_?final|outcome|closed?_?(date|on|at)|foreclos|hardship/i;

/** Looks at one feature against the outcome, to warn; nothing is learned from it. */
export function findLeak(column: Column, target: Uint8Array): FeatureSignal {
  const groups = outcomeByValue(column, target);
  const auc = signalAuc(column, groups);
  const isCopy = groups.length === 2 && groups.every((group) => group.events === 0 || group.nonEvents === 0);
  return { feature: column.name, auc, isCopy, warning: warningFor(column, groups, auc, isCopy, target) };
}

type Group = { readonly value: number; events: number; nonEvents: number };

/** Outcomes per distinct value, numbers ascending, missing (NaN) last. */
function outcomeByValue(column: Column, target: Uint8Array): Group[] {
  const groups = new Map<number, Group>();
  for (let row = 0; row < target.length; row++) {
    const value = column.kind === 'numeric' ? column.values[row]! : column.codes[row]!;
    let group = groups.get(value);
    if (!group) {
      group = { value, events: 0, nonEvents: 0 };
      groups.set(value, group);
    }
    if (target[row] === 1) group.events += 1;
    else group.nonEvents += 1;
  }
  return [...groups.values()].sort((a, b) =>
    Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : a.value - b.value,
  );
}

function signalAuc(column: Column, groups: readonly Group[]): number {
  if (column.kind === 'categorical') return orderedAuc([...groups].sort((a, b) => rateOf(a) - rateOf(b)));
  const missing = groups.filter((group) => Number.isNaN(group.value));
  const present = groups.filter((group) => !Number.isNaN(group.value));
  // Missing may stand at either end of the scale.
  return Math.max(
    ...[
      [...present, ...missing],
      [...missing, ...present],
    ].map((order) => both(orderedAuc(order))),
  );
}

function orderedAuc(groups: readonly Group[]): number {
  return aucOfCounts(
    groups.map((group) => group.events),
    groups.map((group) => group.nonEvents),
  );
}

const both = (auc: number): number => Math.max(auc, 1 - auc);
const rateOf = (group: Group): number => group.events / (group.events + group.nonEvents);

function warningFor(
  column: Column,
  groups: readonly Group[],
  auc: number,
  isCopy: boolean,
  target: Uint8Array,
): FileWarning | null {
  const name = column.name;
  const leak = (code: FileWarning['code'], text: string): FileWarning => ({ code, column: name, text });
  if (isCopy) return leak('target_copy', `column "${name}" repeats the target, value for value, and is left out`);
  if (auc > LEAK_AUC) {
    const text = `column "${name}" leaks the target: alone it reaches AUC ${auc.toFixed(4)}; if it is known only after the outcome, --drop it`;
    return leak('target_leak', text);
  }
  const tail = settledTail(column, groups, target);
  if (tail) {
    const text = `column "${name}" settles the outcome for ${tail.rows} rows (${tail.events} defaults among them): if it is known only afterwards, --drop it`;
    return leak('known_afterwards', text);
  }
  if (KNOWN_AFTERWARDS.test(name)) {
    return leak(
      'known_afterwards',
      `column "${name}" sounds as if it were known only after the loan was made; --drop it if so`,
    );
  }
  return null;
}

/** The largest run of values from either end (or the single level) whose outcome is settled. */
function settledTail(
  column: Column,
  groups: readonly Group[],
  target: Uint8Array,
): { rows: number; events: number } | null {
  let events = 0;
  for (const value of target) events += value;
  const baseRate = events / target.length;
  const minRows = Math.max(MIN_PURE_ROWS, MIN_PURE_SHARE * target.length);
  const isSettled = (rows: number, found: number): boolean =>
    (rows >= minRows && found >= PURE_RATE * rows && baseRate < 0.9) ||
    (found === 0 && rows * baseRate >= EXPECTED_DEFAULTS);
  const orders =
    column.kind === 'categorical'
      ? [[...groups].sort((a, b) => rateOf(a) - rateOf(b)), [...groups].sort((a, b) => rateOf(b) - rateOf(a))]
      : [groups, [...groups].reverse()];
  let best: { rows: number; events: number } | null = null;
  for (const order of orders) {
    let rows = 0;
    let found = 0;
    for (const group of order) {
      rows += group.events + group.nonEvents;
      found += group.events;
      if (isSettled(rows, found) && rows > (best?.rows ?? 0)) best = { rows, events: found };
    }
  }
  return best;
}
