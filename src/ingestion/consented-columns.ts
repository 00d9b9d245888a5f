import type { ColumnSchema } from '../domain/index.ts';
import type { Warehouse } from '../platform/index.ts';
import { quoted, type StagedTable } from './stage-table.ts';

/** Who agreed that what is known of them from a platform is used to develop models; `fingerprint` changes with the list. */
export type Consented = {
  readonly fingerprint: string;
  readonly has: (borrowerId: string, platform: string) => boolean;
};

const BORROWER = 'borrower_id';
const REFUSED_IDS = 'ingest_refused_ids';

export const isSocial = (column: ColumnSchema): boolean => column.dataClass === 'social_network';

/**
 * Empties social-network columns in staging wherever no consent stands, so that no snapshot and no model sees a value that was taken
 * back; a table that names no borrower has none. Each distinct id is asked about once.
 */
export async function emptyUnconsented(
  tables: readonly StagedTable[],
  warehouse: Warehouse,
  consented: Consented | undefined,
): Promise<void> {
  try {
    for (const staged of tables) {
      for (const column of staged.table.columns.filter(isSocial))
        await emptyColumn({ staged, column }, warehouse, consented);
    }
  } finally {
    await warehouse.run(`DROP TABLE IF EXISTS ${REFUSED_IDS}`);
  }
}

async function emptyColumn(
  { staged, column }: { readonly staged: StagedTable; readonly column: ColumnSchema },
  warehouse: Warehouse,
  consented: Consented | undefined,
): Promise<void> {
  const update = `UPDATE ${quoted(staged.name)} SET ${quoted(column.name)} = NULL`;
  const namesBorrower = staged.table.columns.some(({ name }) => name === BORROWER);
  if (!consented || !namesBorrower || column.platform === undefined) return warehouse.run(update);
  const { platform } = column;
  const rows = await warehouse.rows<{ id: string | null }>(
    `SELECT DISTINCT ${BORROWER} AS id FROM ${quoted(staged.name)} WHERE ${quoted(column.name)} IS NOT NULL`,
  );
  const refused = rows.flatMap(({ id }) => (id !== null && !consented.has(id, platform) ? [id] : []));
  await warehouse.run(`CREATE OR REPLACE TABLE ${REFUSED_IDS} (id VARCHAR)`);
  if (refused.length > 0) await warehouse.append(REFUSED_IDS, [refused]);
  await warehouse.run(`${update} WHERE ${BORROWER} IS NULL OR ${BORROWER} IN (SELECT id FROM ${REFUSED_IDS})`);
}
