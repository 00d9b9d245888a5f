import type { OpenDatabase } from '../../../src/platform/index.ts';

/** A DATABASE_URL for a database that is open, for processes of their own. */
export function urlOf({ connection }: OpenDatabase): string {
  const { user = '', password = '', host, port, database } = connection;
  return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}
