import type { FeatureCatalog, TableSchema } from '../domain/index.ts';
import type { OnlineStore, ReplacedBase } from '../platform/index.ts';
import { compileOnline } from './online/evaluate-online.ts';
import { hasBorrower } from './online/stored-history.ts';
import { horizonOf, type PackOptions, packProcessed } from './pack-processed.ts';

export type FillOptions = PackOptions & {
  readonly catalog: FeatureCatalog;
  readonly store: OnlineStore;
  /** Names the state of the processed zone. */
  readonly snapshotId: string;
  /** Of the portfolio: its data ends in the past. */
  readonly endsWithData: boolean;
};

/**
 * Puts the processed zone into the online store, in the place of the snapshot before, and drops the streamed facts it holds by
 * now. Decisions go on meanwhile, and see the old snapshot or the new.
 * @throws AssayError cancelled
 */
export async function fillOnlineStore(options: FillOptions): Promise<ReplacedBase & { readonly pruned: number }> {
  const { store, snapshotId, endsWithData } = options;
  const horizonMicroseconds = await horizonOf(options);
  const { lookupTables } = compileOnline(options.catalog, options.tables);
  // outcomes and the like belong to no borrower and no feature: whole in one block they would only grow
  const isRead = (table: TableSchema): boolean => hasBorrower(table) || lookupTables.includes(table.name);
  const leftOut = options.tables.filter((table) => !isRead(table)).map(({ name }) => name);
  const blocks = packProcessed({ ...options, tables: options.tables.filter(isRead) });
  return store.replaceBase({ snapshotId, horizonMicroseconds, endsWithData, leftOut }, blocks);
}
