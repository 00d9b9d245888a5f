import { join } from 'node:path';
import { loadPortfolio } from '../../portfolios/index.ts';
import type { Portfolio } from '../domain/index.ts';
import { type Config, type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';

/** The lake of a book with a warehouse over it, without its database: for commands that only read what was computed. */
export type BookFiles = {
  readonly portfolio: Portfolio;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly close: () => Promise<void>;
};

/** @throws AssayError not_found for a portfolio there is not */
export async function openBookFiles(config: Config, name: string): Promise<BookFiles> {
  const portfolio = await loadPortfolio(name);
  const warehouse = await openWarehouse({ threads: config.nthread });
  const lake = openLocalLake(join(config.home, 'lake', portfolio.name));
  return { portfolio, lake, warehouse, close: () => warehouse.close() };
}
