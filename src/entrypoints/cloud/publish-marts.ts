import { tablesOf } from '../../features/index.ts';
import { loadMarts, openSharedLake } from '../../platform/index.ts';
import { MARTS, martKey } from '../../portfolio/index.ts';
import type { System } from '../system.ts';
import { listTables } from './list-tables.ts';

const DATABASE = 'assay';

/** The lists of objects that Athena reads, and the marts into Redshift where a workgroup is configured: the same rows, for QuickSight and SQL. */
export async function publishMarts({ config, portfolio, warehouse }: System, lakeUrl: string): Promise<void> {
  const lake = await openSharedLake(config, lakeUrl, portfolio.name);
  await listTables(lake, tablesOf(portfolio));
  const { martsWorkgroup } = config;
  if (martsWorkgroup === undefined) return;
  const marts = await Promise.all(
    MARTS.map(async (name) => {
      const path = lake.path(martKey(name)).replaceAll("'", "''");
      const described = await warehouse.rows<{ column_name: string; column_type: string }>(
        `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('${path}'))`,
      );
      const columns = described.map(({ column_name, column_type }) => ({ name: column_name, type: column_type }));
      return { name, columns, uri: await lake.objectUri(martKey(name)) };
    }),
  );
  await loadMarts(marts, { workgroup: martsWorkgroup, database: DATABASE });
}
