import type { Frame } from '../../domain/index.ts';
import {
  type EvaluationFile,
  foldsByHash,
  type GroupFairness,
  groupFairness,
  loadEvaluationSet,
} from '../../training/index.ts';
import { type Candidate, safest, searchAlternatives } from './alternatives.ts';
import { linearDesign } from './linear-design.ts';
import { outOfFoldMargins } from './out-of-fold.ts';
import { type ProxyScan, scanProxies } from './proxy-scan.ts';

export type FileFairness = {
  readonly rows: number;
  readonly trait: string;
  readonly reference: string;
  /** Of the decisions in the file: approved where the target does not hold. */
  readonly decisions: readonly GroupFairness[];
  /** Of a logistic regression that never saw the trait, out of fold, with as many approvals as the file has. */
  readonly model: readonly GroupFairness[];
  readonly proxies: readonly ProxyScan[];
  readonly alternatives: readonly Candidate[];
};

const FOLDS = 5;

/**
 * Fairness of a flat file whose target is a decision or an outcome: what was decided by group, what a model without the trait
 * would decide, which columns tell the trait, and the alternatives.
 * @throws AssayError bad_input or not_found for the file and the names
 */
export async function evaluateFileFairness(request: {
  readonly file: EvaluationFile;
  readonly trait: string;
  readonly reference?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}): Promise<FileFairness> {
  const { file, trait, signal } = request;
  // the trait as a column of the file, read apart from what the model sees
  const traits = await loadEvaluationSet({ ...file, drop: [] });
  const set = await loadEvaluationSet({ ...file, drop: [...(file.drop ?? []), trait] });
  const groups = groupsOf(traits.frame, trait);
  const fold = foldsByHash(set.name, set.frame.rowCount);
  const sizes = [...new Set(groups)]
    .filter((name) => name !== '')
    .map((name) => [name, groups.filter((group) => group === name).length] as const);
  const reference = request.reference ?? sizes.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? '';
  const margins = await outOfFoldMargins(linearDesign(set.frame), { target: set.target, fold, folds: FOLDS }, signal);
  const approvedShare = 1 - set.target.reduce((sum, value) => sum + value, 0) / set.target.length;
  const proxies: ProxyScan[] = [];
  for (const [group] of sizes.filter(([name]) => name !== reference)) {
    const isMember = Uint8Array.from(groups, (name) => (name === group ? 1 : 0));
    proxies.push(await scanProxies(set.frame, { group, isMember, fold, folds: FOLDS }, signal));
  }
  const decided = set.target.map((value) => 1 - value);
  const rowsOf = (approved: Uint8Array) =>
    rowsByGroup(
      sizes.map(([name]) => name),
      groups,
      margins,
      approved,
      set.target,
    );
  return {
    rows: set.frame.rowCount,
    trait,
    reference,
    decisions: groupFairness(rowsOf(decided), { reference }),
    model: groupFairness(rowsOf(safest(margins, approvedShare)), { reference }),
    proxies,
    alternatives: await searchAlternatives(
      {
        frame: set.frame,
        target: set.target,
        groups,
        reference,
        fold,
        folds: FOLDS,
        approvedShare,
        proxies: proxies[0]?.proxies ?? [],
      },
      { signal, ...(request.onProgress && { onProgress: request.onProgress }) },
    ),
  };
}

function groupsOf(frame: Frame, name: string): string[] {
  const column = frame.columns.find((candidate) => candidate.name === name);
  if (!column) throw new RangeError(`no column "${name}"`);
  if (column.kind === 'categorical') return Array.from(column.codes, (code) => column.levels[code] ?? '');
  return Array.from(column.values, (value) => (Number.isNaN(value) ? '' : String(value)));
}

/** Rows of each group as `groupFairness` reads them; the score is the negative margin: more is safer. */
export function rowsByGroup(
  names: readonly string[],
  groups: readonly string[],
  margins: Float64Array,
  approved: Uint8Array,
  outcome: Uint8Array,
) {
  return names.map((name) => {
    const rows = groups.flatMap((group, row) => (group === name ? [row] : []));
    return {
      name,
      approved: Uint8Array.from(rows, (row) => approved[row]!),
      pd: Float64Array.from(rows, (row) => 1 / (1 + Math.exp(-margins[row]!))),
      score: Float64Array.from(rows, (row) => -margins[row]!),
      outcome: Uint8Array.from(rows, (row) => outcome[row]!),
    };
  });
}
