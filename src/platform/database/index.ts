export { type CopiedTable, copyRows } from './copy-rows.ts';
export { copyCluster, placeCluster } from './embedded/copy-cluster.ts';
export { type EmbeddedState, embeddedDatabaseState } from './embedded/state.ts';
export type { Listen } from './listen.ts';
export { type AppliedMigration, migrate } from './migrate.ts';
export { type OpenDatabase, openDatabase } from './open-database.ts';
export type { DatabaseConnection } from './pool.ts';
export { refuseWhenFull } from './refuse-when-full.ts';
