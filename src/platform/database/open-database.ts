import type { Config } from '../config.ts';
import type { Database } from '../contract.ts';
import type { Log } from '../log.ts';
import type { Listen } from './listen.ts';
import { type DatabaseConnection, openPool } from './pool.ts';
import { refuseWhenFull } from './refuse-when-full.ts';

/** Room for a few files of PostgreSQL's log (16 MiB each) and what the consumers have under way. */
const DISK_RESERVE_MIB = 128;

export type OpenDatabase = {
  readonly database: Database;
  readonly kind: 'embedded' | 'external';
  /** Of the server, as it says: '18.4'. */
  readonly version: string;
  /** For threads that need connections of their own. */
  readonly connection: DatabaseConnection;
  readonly listen: Listen;
  /** Closes the connections, and stops the embedded server when no other process uses it. */
  close(): Promise<void>;
};

/**
 * Opens PostgreSQL: the one `DATABASE_URL` names, or the embedded one of this data directory, which is started when it does not
 * run yet and shared with every other Assay process of the same data directory.
 * @throws AssayError unavailable with the way out when it cannot be reached or started.
 */
export async function openDatabase(
  config: Pick<Config, 'home' | 'databaseUrl' | 'databasePort' | 'diskReserveMib' | 'cacheDirectory'>,
  options: { log: Log; onProgress?: (text: string) => void },
): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) {
    const connection = { connectionString: config.databaseUrl };
    const opened = await openPool(connection, options.log);
    return { ...opened, kind: 'external', connection, close: () => opened.database.close() };
  }
  // Starting servers is heavy to load and not needed with an external one.
  const { useEmbeddedServer } = await import('./embedded/server.ts');
  const server = await useEmbeddedServer(config, options);
  try {
    const { database: open, ...rest } = await openPool(server.connection, options.log);
    const reserveBytes = (config.diskReserveMib ?? DISK_RESERVE_MIB) * 2 ** 20;
    const database = refuseWhenFull(open, { path: server.dataDirectory, reserveBytes });
    const close = async (): Promise<void> => {
      await database.close();
      await server.release();
    };
    const { connection } = server;
    return { ...rest, database: { ...database, close }, kind: 'embedded', connection, close };
  } catch (error) {
    await server.release();
    throw error;
  }
}
