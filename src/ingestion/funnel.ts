import { AssayError } from '../domain/index.ts';

/** What became of the rows of one source for one table. rowsRead = excluded + notMapped + rejected + duplicates + erased + written. */
export type TableFunnel = {
  readonly table: string;
  /** Records that have no row for this table. */
  readonly notMapped: number;
  /** Unreadable rows of the file included. */
  readonly rejected: number;
  readonly rejectedBy: Readonly<Record<string, number>>;
  readonly duplicates: number;
  /** Rows of persons who were erased. */
  readonly erased: number;
  readonly written: number;
};

export type SourceFunnel = {
  readonly source: string;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rowsRead: number;
  readonly excluded: number;
  readonly excludedBy: Readonly<Record<string, number>>;
  readonly tables: readonly TableFunnel[];
};

export type WrittenTable = {
  readonly table: string;
  readonly rows: number;
  readonly columns: number;
  readonly partitions: number;
  readonly bytes: number;
};

/** `processed/_quality/funnel.json` */
export type Funnel = {
  readonly format: 'assay-funnel/1';
  readonly portfolio: string;
  readonly createdAt: string;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  /** Rejected rows over rows offered (read, not excluded, not erased), all tables together. */
  readonly rejectedShare: number;
  readonly sources: readonly SourceFunnel[];
  readonly tables: readonly WrittenTable[];
};

/** Counters of one source and table while it is read. */
export class TableCounter {
  readonly table: string;
  notMapped = 0;
  offered = 0;
  duplicates = 0;
  erased = 0;
  readonly rejectedBy = new Map<string, number>();

  constructor(table: string) {
    this.table = table;
  }

  reject(field: string | null, reason: string): void {
    const key = field === null ? reason : `${field}: ${reason}`;
    this.rejectedBy.set(key, (this.rejectedBy.get(key) ?? 0) + 1);
  }

  get rejected(): number {
    let sum = 0;
    for (const count of this.rejectedBy.values()) sum += count;
    return sum;
  }
}

export type TableClosing = {
  readonly source: string;
  readonly rowsRead: number;
  readonly excluded: number;
  readonly written: number;
};

/**
 * Closes a source's books: every row read is accounted for once.
 * @throws AssayError internal when a row disappeared; `written` comes from counting what the lake holds
 */
export function closeTable(counter: TableCounter, { source, rowsRead, excluded, written }: TableClosing): TableFunnel {
  const { table, notMapped, rejected, duplicates, erased } = counter;
  const accounted = excluded + notMapped + rejected + duplicates + erased + written;
  if (accounted !== rowsRead) {
    throw new AssayError('internal', {
      what: `rows disappeared between ${source} and ${table}`,
      given: `${rowsRead} read; ${excluded} excluded + ${notMapped} not mapped + ${rejected} rejected + ${duplicates} duplicates + ${erased} erased + ${written} written`,
      allowed: 'a sum that adds up',
    });
  }
  return { table, notMapped, rejected, rejectedBy: sorted(counter.rejectedBy), duplicates, erased, written };
}

export function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

export function rejectedShareOf(sources: readonly SourceFunnel[]): { rowsRejected: number; rejectedShare: number } {
  let rowsRejected = 0;
  let offered = 0;
  for (const source of sources) {
    for (const table of source.tables) {
      rowsRejected += table.rejected;
      offered += source.rowsRead - source.excluded - table.notMapped - table.erased;
    }
  }
  return { rowsRejected, rejectedShare: offered === 0 ? 0 : rowsRejected / offered };
}
