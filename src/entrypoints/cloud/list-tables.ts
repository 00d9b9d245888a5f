import type { TableSchema } from '../../domain/index.ts';
import type { S3Lake } from '../../platform/index.ts';
import { MARTS, martKey } from '../../portfolio/index.ts';

/** Folder of the lists; the tables of the Glue catalog have it in their location (`infra/src/catalog/`). */
const LISTS = 'tables';
const LIST_FILE = 'objects.txt';

/**
 * Writes for each processed table and each mart which objects hold it now, a line each: what Athena's SymlinkTextInputFormat reads. Objects
 * of the run before stay until the next is published, so a query that began with the old list ends with it.
 */
export async function listTables(
  lake: Pick<S3Lake, 'list' | 'objectUri' | 'put'>,
  tables: readonly Pick<TableSchema, 'name'>[],
): Promise<void> {
  for (const { name } of tables) {
    const keys = (await lake.list(`processed/${name}`)).filter((key) => key.endsWith('.parquet'));
    await writeList(lake, `processed/${name}`, keys);
  }
  for (const mart of MARTS) await writeList(lake, `modeled/${mart}`, [martKey(mart)]);
}

async function writeList(
  lake: Pick<S3Lake, 'objectUri' | 'put'>,
  table: string,
  keys: readonly string[],
): Promise<void> {
  const uris = await Promise.all(keys.map((key) => lake.objectUri(key)));
  await lake.put(`${LISTS}/${table}/${LIST_FILE}`, uris.map((uri) => `${uri}\n`).join(''));
}
