import { type FeatureValue, type FraudDefinition, type FraudLink, sha256Hex } from '../domain/index.ts';
import { asItLooks } from './look-alike.ts';

/** A loan application as fraud checks see it. */
export type FraudApplication = {
  readonly applicationId: string;
  readonly borrowerId: string;
  readonly appliedAt: Date;
  readonly columns: Readonly<Record<string, FeatureValue>>;
};

/**
 * One key of one application: the link it is of, its value, and what would agree if it were the same record again; hashed: an
 * index of keys holds no contact data.
 */
export type LinkKey = { readonly link: string; readonly hash: string; readonly detail: string };

/** Applications of other borrowers that share a key, within the link's window before; of several keys of a link the most. */
export type LinkCounts = Readonly<Record<string, number>>;

const DAY_MS = 86_400_000;

/**
 * The keys of an application, more than one for a link that may differ in a column. Text is compared without case, marks and
 * spaces, forms of one letter and look-alike letters of other alphabets as one (NFKC, `asItLooks`); a phone by its digits. A
 * burst makes none: no decision counts it.
 */
export function keysOf({ links }: FraudDefinition, { columns }: Pick<FraudApplication, 'columns'>): LinkKey[] {
  return links.filter(({ burst }) => !burst).flatMap((link) => keysOfLink(link, columns));
}

export function keysOfLink(link: FraudLink, columns: FraudApplication['columns']): LinkKey[] {
  const text = (name: string): string => normalized(link.kind, columns[name] ?? null);
  const parts = link.columns.map(text);
  const detail = sha256Hex((link.differs ?? []).map(text).join('\n'));
  const key = (salt: string, kept: readonly string[]): LinkKey[] =>
    kept.includes('') ? [] : [{ link: link.id, hash: sha256Hex(`${salt}\n${kept.join('\n')}`), detail }];
  if (!link.allButOne) return key(link.id, parts);
  return link.columns.flatMap((left, i) => key(`${link.id}\n${left}`, parts.toSpliced(i, 1)));
}

function normalized(kind: FraudLink['kind'], value: FeatureValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const plain = asItLooks(value.normalize('NFKC').toLowerCase());
  return kind === 'phone' ? plain.replace(/\D/g, '') : plain.replace(/[^\p{L}\p{N}]/gu, '');
}

/** An application that held a key. */
export type LinkEntry = {
  readonly borrowerId: string;
  readonly applicationId: string;
  readonly atMs: number;
  readonly detail: string;
};

/**
 * How many other borrowers an application shares a key with, from all that held it before, oldest first: within the window, and
 * differing where the link says so. Whoever held the key first keeps it: nobody is suspected for what another took over.
 */
export function countLinked(
  link: FraudLink,
  key: LinkKey,
  application: FraudApplication,
  entries: readonly LinkEntry[],
): number {
  const { borrowerId, applicationId, appliedAt } = application;
  const atMs = appliedAt.getTime();
  const earlier = entries.filter((entry) => isBefore(entry, { atMs, applicationId }));
  if (earlier[0] === undefined || earlier[0].borrowerId === borrowerId) return 0;
  const counted = earlier.filter(
    (entry) =>
      entry.borrowerId !== borrowerId &&
      entry.atMs >= atMs - link.windowDays * DAY_MS &&
      (link.differs === undefined || entry.detail !== key.detail),
  );
  return new Set(counted.map((entry) => entry.borrowerId)).size;
}

type Moment = Pick<LinkEntry, 'atMs' | 'applicationId'>;

/** A total order, so that applications of one day are counted alike whoever counts them. */
function isBefore(entry: Moment, { atMs, applicationId }: Moment): boolean {
  if (entry.applicationId === applicationId) return false;
  return entry.atMs < atMs || (entry.atMs === atMs && entry.applicationId < applicationId);
}

/** Entries kept of one key, the newest and the first: a key that thousands share says nothing. */
export const MAX_ENTRIES = 200;

/** The keys of applications that came before, in memory. Feed it in order of time; `FraudLinkStore` is the same over a table. */
export class LinkIndex {
  readonly #definition: FraudDefinition;
  readonly #links: ReadonlyMap<string, FraudLink>;
  readonly #entries = new Map<string, LinkEntry[]>();

  constructor(definition: FraudDefinition) {
    this.#definition = definition;
    this.#links = new Map(definition.links.map((link) => [link.id, link]));
  }

  /** Counts what came before, then adds the application. */
  link(application: FraudApplication): LinkCounts {
    const { applicationId, borrowerId, appliedAt } = application;
    const counts: Record<string, number> = {};
    for (const key of keysOf(this.#definition, application)) {
      const entries = this.#entries.get(key.hash) ?? [];
      const count = countLinked(this.#links.get(key.link)!, key, application, entries);
      counts[key.link] = Math.max(count, counts[key.link] ?? 0);
      entries.push({ applicationId, borrowerId, atMs: appliedAt.getTime(), detail: key.detail });
      if (entries.length > MAX_ENTRIES) entries.splice(1, 1);
      this.#entries.set(key.hash, entries);
    }
    return counts;
  }
}
