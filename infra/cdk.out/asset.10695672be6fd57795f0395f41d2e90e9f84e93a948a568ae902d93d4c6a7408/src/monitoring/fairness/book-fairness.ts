import { AssayError, type ProtectedAttribute, selectColumns, selectRows } from '../../domain/index.ts';
import { readSnapshot } from '../../features/index.ts';
import { type GroupFairness, groupFairness } from '../../training/index.ts';
import { type Candidate, SEARCH_FEATURES, searchAlternatives } from './alternatives.ts';
import { type BookTrait, type FairnessContext, readBookTrait } from './book-data.ts';
import { type ProxyScan, scanProxies } from './proxy-scan.ts';

/** Cut-offs of the pd that error rates and ratios are told at. */
export const CUT_OFFS: readonly number[] = [0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
const FOLDS = 3;

export type TraitFairness = {
  readonly trait: string;
  readonly title: string;
  readonly reference: string;
  /** Applications whose trait is not known: counted, in no group. */
  readonly unknown: number;
  /** Of the credit policy's decisions. */
  readonly policy: readonly GroupFairness[];
  /** Approved = pd at most the cut-off. */
  readonly cutOffs: readonly { readonly cutOff: number; readonly groups: readonly GroupFairness[] }[];
};

/**
 * Fairness of the scored book by one trait: the credit policy's decisions, and each cut-off of the pd.
 * @throws AssayError not_found for a trait the portfolio does not keep, or before anything is scored
 */
export async function bookFairness(
  context: FairnessContext,
  trait: string,
  reference?: string | undefined,
): Promise<TraitFairness> {
  const attribute = attributeOf(context, trait);
  const book = await bookWith(context, attribute);
  const names = groupNames(book);
  if (reference !== undefined && !names.includes(reference)) throw unknownGroup(reference, names);
  const approvedAt = (cutOff: number): Uint8Array => Uint8Array.from(book.pd, (pd) => (pd <= cutOff ? 1 : 0));
  const at = (approved: Uint8Array) =>
    groupFairness(
      names.map((name) => groupRows(book, name, approved)),
      { reference },
    );
  const policy = at(book.granted);
  return {
    trait,
    title: attribute.title,
    reference: policy.find(({ isReference }) => isReference)?.name ?? '',
    unknown: book.groups.filter((group) => group === '').length,
    policy,
    cutOffs: CUT_OFFS.map((cutOff) => ({ cutOff, groups: at(approvedAt(cutOff)) })),
  };
}

/** Proxies of every group, and less discriminatory alternatives, on the labelled rows that models are trained on. */
export type TraitSearch = {
  readonly trait: string;
  readonly reference: string;
  readonly rows: number;
  readonly features: number;
  readonly approvedShare: number;
  readonly scans: readonly ProxyScan[];
  readonly alternatives: readonly Candidate[];
};

/**
 * Scans for proxies and searches alternatives. `importance`: features of the champion, most important first; the search works
 * with the first of them.
 * @throws AssayError as `bookFairness`; cancelled
 */
export async function searchBook(
  context: FairnessContext,
  request: {
    readonly trait: string;
    readonly importance: readonly string[];
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (done: number, total: number) => void;
  },
): Promise<TraitSearch> {
  const { trait, importance, signal } = request;
  const book = await bookWith(context, attributeOf(context, trait));
  const names = groupNames(book);
  const reference = largest(book, names);
  const snapshot = await readSnapshot(context);
  const groupOf = new Map(book.applicationIds.map((id, i) => [id, book.groups[i]!]));
  const all = snapshot.applicationIds.map((id) => groupOf.get(id) ?? '');
  const rows = Uint32Array.from(all.flatMap((group, row) => (group === '' ? [] : [row])));
  const frame = selectRows(snapshot.frame, rows);
  const groups = Array.from(rows, (row) => all[row]!);
  const target = Uint8Array.from(rows, (row) => snapshot.target[row]!);
  const fold = Array.from(rows, (row) => snapshot.fold[row]! % FOLDS);
  const scans: ProxyScan[] = [];
  for (const group of names.filter((name) => name !== reference)) {
    const isMember = Uint8Array.from(groups, (name) => (name === group ? 1 : 0));
    scans.push(await scanProxies(frame, { group, isMember, fold, folds: FOLDS }, signal));
  }
  const searched = selectColumns(frame, importance.slice(0, SEARCH_FEATURES));
  const approvedShare = book.granted.reduce((sum, value) => sum + value, 0) / Math.max(1, book.granted.length);
  const proxies = scans.flatMap((scan) => scan.proxies).sort((a, b) => b.auc.value - a.auc.value);
  const alternatives = await searchAlternatives(
    { frame: searched, target, groups, reference, fold, folds: FOLDS, approvedShare, proxies: distinct(proxies) },
    request,
  );
  return {
    trait,
    reference,
    rows: frame.rowCount,
    features: searched.columns.length,
    approvedShare,
    scans,
    alternatives,
  };
}

function distinct<T extends { readonly feature: string }>(proxies: readonly T[]): T[] {
  return [...new Map([...proxies].reverse().map((proxy) => [proxy.feature, proxy])).values()].reverse();
}

function attributeOf({ portfolio }: FairnessContext, trait: string): ProtectedAttribute {
  const found = portfolio.protectedAttributes.find(({ column }) => column === trait);
  if (found) return found;
  throw new AssayError('not_found', {
    what: 'this portfolio keeps no such trait for fairness checks',
    given: trait,
    allowed: portfolio.protectedAttributes.map(({ column }) => column).join(', ') || '(none)',
    fix: 'name one of them, or add it to protectedAttributes of the portfolio',
  });
}

async function bookWith(context: FairnessContext, attribute: ProtectedAttribute): Promise<BookTrait> {
  const book = await readBookTrait(context, attribute);
  if (book) return book;
  throw new AssayError('not_found', { what: 'nothing has been scored yet', fix: 'run the pipeline (assay up)' });
}

const groupNames = ({ groups }: BookTrait): string[] => [...new Set(groups)].filter((name) => name !== '').sort();

function largest({ groups }: BookTrait, names: readonly string[]): string {
  const size = (name: string): number => groups.filter((group) => group === name).length;
  return [...names].sort((a, b) => size(b) - size(a))[0] ?? '';
}

function unknownGroup(given: string, names: readonly string[]): AssayError {
  return new AssayError('bad_input', {
    what: 'no such group',
    given,
    allowed: names.join(', '),
    issues: [{ path: 'reference', message: `must be one of ${names.join(', ')}` }],
  });
}

function groupRows(book: BookTrait, name: string, approved: Uint8Array) {
  const rows = book.groups.flatMap((group, row) => (group === name ? [row] : []));
  return {
    name,
    approved: Uint8Array.from(rows, (row) => approved[row]!),
    pd: Float64Array.from(rows, (row) => book.pd[row]!),
    score: Float64Array.from(rows, (row) => book.score[row]!),
    outcome: Uint8Array.from(rows, (row) => book.outcome[row]!),
  };
}
