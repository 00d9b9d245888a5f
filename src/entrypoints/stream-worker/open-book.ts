import { loadPortfolio } from '../../../portfolios/index.ts';
import type { Portfolio } from '../../domain/index.ts';
import { type BookEvents, openBookEvents } from '../../ingestion/index.ts';
import {
  type Clock,
  type Config,
  configFromSecrets,
  createLog,
  type Database,
  type Lake,
  type Listen,
  type Log,
  openErasedRegister,
  openLake,
} from '../../platform/index.ts';
import { openMigrated } from '../open-migrated.ts';

/** What events need of a book: no warehouse, no models, quick to open. */
export type EventBook = {
  readonly config: Config;
  readonly portfolio: Portfolio;
  readonly database: Database;
  readonly listen: Listen;
  readonly lake: Lake;
  readonly events: BookEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly close: () => Promise<void>;
};

export async function openEventBook(options: {
  readonly config: Config;
  readonly portfolio: string;
  readonly clock: Clock;
  readonly onProgress?: (text: string) => void;
  /** Parts of a shared lake to fetch first; writing needs none. */
  readonly hydrate?: readonly string[];
}): Promise<EventBook> {
  const { clock, onProgress, hydrate } = options;
  const config = await configFromSecrets(options.config);
  const portfolio = await loadPortfolio(options.portfolio);
  const log = createLog(config);
  const opened = await openMigrated(config, { log, onProgress });
  try {
    const { database, listen } = opened;
    const lake = await openLake(config, portfolio.name, hydrate);
    const erased = openErasedRegister({ home: config.home, database, portfolio: portfolio.name, clock });
    const events = await openBookEvents({ database, portfolio, clock, erased, kinesisStream: config.kinesisStream });
    return { config, portfolio, database, listen, lake, events, clock, log, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
